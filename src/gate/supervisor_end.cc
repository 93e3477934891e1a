#include <algorithm>

#include "stdiogate/gate_error.h"

#include "src/gate/supervisor.h"
#include "src/text.h"

// What follows when a server ends, or takes no more: nothing, another one, or the end of all.
namespace stdiogate {

/// Whether a request waits only because this server has not ended yet, and may not for long.
bool Supervisor::is_in_the_way(const Server& server) const {
  return server.lingers() && &server == current() && !is_opening() && shared_.router.waiting() > 0;
}

/// What its end would bring comes now: another is started beside it, or none will serve. It answers
/// what it can and ends, but nothing follows from that.
void Supervisor::pass_over(Server& server) {
  // The session it might yet open would be of no use.
  if (shared_.router.is_opening_session()) return server.enter(Stage::leaving);
  last_ = server.account();
  server.replaced = ever_ran_ = true;
  if (starting_allowed_) plan_restart(true, last_.how_it_ended());
  server.is_last = !starting_allowed_;
}

/// The server ended before it could take over. The reason is not known until nothing of it is left.
void Supervisor::lose(Server& server) {
  server.replaced = server.replaced || current();
  server.enter(Stage::leaving);
}

/// It cannot take over: if another serves, that one goes on.
void Supervisor::reject(Server& server, std::string_view why) {
  const bool is_reload = current() != nullptr;
  shared_.log.write(LogLevel::warn, is_reload ? "reload-failed" : "restart-failed",
                    {{"reason", why}});
  server.replaced = server.replaced || is_reload;
  why_rejected_ = why;
  server.let_go(shared_.options.ladder());
}

/// Nothing of it is left. If it was replaced, or could not replace another, nothing follows.
void Supervisor::bury(Server& server) {
  bytes_to_buried_ += server.sink().bytes_written();
  const bool awaited = shared_.router.in_flight() + shared_.router.waiting() > 0;
  if (server.was_interrupted() && !server.is_dismissed()) end_by_interrupt();
  if (!server.was_let_go() && may_have_seen_end_of_input(server.account()))
    server.hint = ": perhaps it has seen the end of its input (docker run needs -i)";
  probe_lost_ = false;
  server.enter(Stage::gone);
  ever_ran_ = ever_ran_ || std::ranges::any_of(servers_, &Server::has_started);
  if (server.not_started() && !ever_ran_ && !server.replaced) not_started_ = server.not_started();
  if (not_started_) return;
  const ServerAccount account = server.account();
  const std::string why = server.not_started()  ? "it could not be run"
                          : server.was_let_go() ? why_rejected_
                                                : account.how_it_ended();
  const bool ran_beside = server.replaced && !server.not_started();
  if (!server.has_served() && !server.was_let_go())
    shared_.log.write(LogLevel::warn, server.replaced ? "reload-failed" : "restart-failed",
                      {{"reason", why},
                       {"stderr", account.last_line()},
                       {"hint", ran_beside ? "some servers run only once at a time" : ""}});
  if (server.is_last) last_ = account;
  if (server.replaced) return;
  const bool could_not_serve = server.was_let_go() && !server.hint.empty();
  if (account.ended_by_itself || (could_not_serve && !last_.ended_by_itself)) last_ = account;
  if (current() || is_opening() || !starting_allowed_) return;
  if (probe_lost_) {
    dormant_ = true;
  } else {
    plan_restart(!server.has_served() || !account.is_goodbye() || awaited, why);
  }
}

/// Whether a server exited with status 0 and nothing on stderr before it answered `initialize`, as
/// `docker run` without -i does.
bool Supervisor::may_have_seen_end_of_input(const ServerAccount& account) const {
  return account.is_goodbye() && account.words.empty() && !client_closed_ &&
         !policy_.has_answered() && shared_.router.is_opening_session();
}

bool Supervisor::interrupt() {
  const bool one_decides =
      std::ranges::any_of(servers_, [](const Server& one) { return !one.is_dismissed(); });
  for (Server& server : servers_) {
    if (one_decides) server.interrupt();
  }
  return one_decides;
}

/// A server that SIGINT was passed on to has ended: so does all else.
void Supervisor::end_by_interrupt() {
  ended_by_interrupt_ = true;
  shared_.router.end(shutting_down_error(true), shutting_down_error(false), shared_.now());
  end(shared_.options.ladder());
}

void Supervisor::plan_restart(bool failed, std::string_view why) {
  if (client_closed_ && !shared_.router.has_waiting()) return stop_starting();
  // An agent of the Agent Client Protocol takes its sessions with it.
  if (!shared_.router.can_restart()) {
    if (failed) return give_up(why);
    return stop_starting();
  }
  using Next = RestartPolicy::Next;
  const Time now = shared_.reactor.now();
  const auto [next, delay] = policy_.next(failed, shared_.router.waiting() > 0, now);
  switch (next) {
    case Next::none: starting_allowed_ = false; break;
    case Next::give_up: give_up(why); break;
    case Next::when_needed:
      dormant_ = true;
      why_dormant_ = why;
      if (delay != Duration{}) restart_timer_.set(now + delay);
      break;
    case Next::later:
      shared_.log.write(LogLevel::warn, "restarting",
                        {{"reason", why}, {"in", format_duration(delay)}});
      restart_timer_.set(now + delay);
      break;
  }
}

/// The pause before a restart is over, or no request came in time to need another server.
void Supervisor::on_restart_time() {
  if (!dormant_ && !finds_room()) return restart_timer_.set(shared_.reactor.now() + kRoomTry);
  if (!dormant_) return start_server(false);
  dormant_ = false;
  give_up(why_dormant_);
  shared_.reactor.again();
}

void Supervisor::give_up(std::string_view why) {
  starting_allowed_ = false;
  shared_.log.write(LogLevel::error, "given-up", {{"reason", why}});
}

/// It is let go. Nothing follows until a line needs a server.
void Supervisor::put_to_sleep(Server& server) {
  server.replaced = true;
  last_ = {};
  dormant_ = starting_allowed_;
  server.let_go(shared_.options.ladder());
}

}  // namespace stdiogate
