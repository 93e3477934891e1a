#include "src/gate/supervisor.h"

#include <algorithm>

#include "stdiogate/gate_error.h"

#include "src/text.h"

namespace stdiogate {

namespace {

std::string how_it_ended(const ServerEnd& end) {
  return end.signal != 0 ? "it was killed by signal " + signal_name(end.signal)
                         : "it has exited with status " + std::to_string(end.status);
}

}  // namespace

Supervisor::Supervisor(Server::Shared& shared)
    : shared_(shared),
      policy_(shared.options.restart, shared.options.max_restarts),
      restart_timer_(shared.reactor, [this] { start_server(false); }) {}

void Supervisor::start() {
  start_server(false);
  go_on();
}

void Supervisor::start_server(bool must_answer) {
  Server& server = servers_.emplace_back(free_number(), shared_);
  // What waits after a failure goes to none that cannot be run: the next may be.
  if (ever_served_ && !must_answer) {
    starting_ = &server;
  } else {
    connect(server, must_answer);
  }
}

void Supervisor::connect(Server& server, bool must_answer) {
  shared_.router.connect(server.number(), server.in().writer(), must_answer, shared_.reactor.now());
}

Router::ServerNumber Supervisor::free_number() const {
  Router::ServerNumber number = 0;
  for (bool taken = true; taken;) {
    taken = false;
    for (const Server& server : servers_)
      taken = taken || server.number() == number;
    number = static_cast<Router::ServerNumber>(number + taken);
  }
  return number;
}

void Supervisor::replace(std::string_view why) {
  if (!starting_allowed_) return;
  shared_.log.write(LogLevel::info, "reload", {{"reason", why}});
  if (restart_timer_.is_set()) {
    restart_timer_.clear();
    return start_server(false);
  }
  replace_wanted_ = true;
}

bool Supervisor::is_opening() const {
  if (starting_) return true;
  for (const Server& server : servers_) {
    if (shared_.router.server_state(server.number()) == Router::ServerState::opening) return true;
  }
  return false;
}

bool Supervisor::will_serve() const {
  if (serving_ || restart_timer_.is_set() || is_opening()) return true;
  // One that has failed to take over is followed by another when it is gone.
  return starting_allowed_ && std::any_of(servers_.begin(), servers_.end(),
                                          [](const Server& server) { return !server.replaced; });
}

/// Whether a further server can be started beside the one that serves.
bool Supervisor::can_replace() const {
  return serving_ && !is_opening() && servers_.size() < Router::kMaxServers &&
         !shared_.router.is_opening_session();
}

void Supervisor::stop_starting() {
  starting_allowed_ = replace_wanted_ = false;
  restart_timer_.clear();
  if (starting_) starting_->let_go(shared_.options.grace, shared_.options.grace);
  for (Server& server : servers_) {
    if (shared_.router.server_state(server.number()) == Router::ServerState::opening)
      reject(server, "it is not needed any more");
  }
}

void Supervisor::end(Duration grace, Duration kill_grace) {
  stop_starting();
  for (Server& server : servers_)
    server.let_go(grace, kill_grace);
}

void Supervisor::kill() {
  for (Server& server : servers_)
    server.kill();
}

void Supervisor::flush() {
  for (Server& server : servers_)
    server.in().flush();
}

bool Supervisor::wants_flush() const {
  return std::any_of(servers_.begin(), servers_.end(),
                     [](const Server& server) { return server.in().wants_flush(); });
}

void Supervisor::note(Router::ServerNumber number, std::string_view line) {
  for (Server& server : servers_) {
    if (server.number() == number) server.note(line);
  }
}

void Supervisor::go_on() {
  for (Server& server : servers_)
    look_at(server);
  for (auto server = servers_.begin(); server != servers_.end();) {
    if (server->is_finished()) {
      bury(*server);
      server = servers_.erase(server);
    } else {
      ++server;
    }
  }

  if (replace_wanted_ && can_replace()) {
    replace_wanted_ = false;
    start_server(true);
  }
}

void Supervisor::look_at(Server& server) {
  server.go_on();
  if (&server == starting_ && (server.has_started() || server.is_leaving())) {
    starting_ = nullptr;
    if (!server.is_leaving()) connect(server, false);
  }
  switch (shared_.router.server_state(server.number())) {
    case Router::ServerState::none: break;
    case Router::ServerState::opening:
      if (server.is_leaving()) reject(server, "it has ended");
      break;
    case Router::ServerState::failed:
      reject(server, shared_.router.why_failed(server.number()));
      break;
    case Router::ServerState::serving:
      if (&server != serving_) take_over(server);
      if (server.is_leaving()) {
        shared_.router.retire(server.number());
        shared_.reactor.again();
      }
      break;
    case Router::ServerState::retired:
      if (&server != serving_ && shared_.router.busy(server.number()) == 0)
        server.let_go_when_written(shared_.options.grace);
      break;
  }
}

void Supervisor::take_over(Server& server) {
  if (serving_) {
    serving_->replaced = true;
    ++shared_.counts.reloads;
    shared_.log.write(LogLevel::info, "reloaded");
  } else if (ever_served_) {
    ++shared_.counts.restarts;
    shared_.log.write(LogLevel::info, "restarted");
  }
  serving_ = &server;
  shared_.reactor.again();
}

/// It cannot take over: if another serves, that one goes on.
void Supervisor::reject(Server& server, std::string_view why) {
  shared_.log.write(LogLevel::warn, serving_ ? "reload-failed" : "restart-failed",
                    {{"reason", why}});
  shared_.router.disconnect(server.number(), server_exited_error({}, "", true),
                            shared_.reactor.now());
  server.replaced = server.replaced || serving_ != nullptr;
  server.let_go(shared_.options.grace, shared_.options.grace);
  shared_.reactor.again();
}

/// Nothing of it is left. If it was replaced, or could not replace another, nothing follows.
void Supervisor::bury(Server& server) {
  bytes_to_buried_ += server.in().bytes_written();
  const bool served = serving_ == &server;
  const bool is_first = !ever_served_ && (served || !serving_);  // not one that was to take over
  if (server.not_started() && is_first) not_started_ = server.not_started();
  ever_served_ = ever_served_ || !server.not_started();
  if (served) serving_ = nullptr;
  shared_.reactor.again();
  if (not_started_) return;  // who waits is told so
  const bool awaited = shared_.router.in_flight() + shared_.router.waiting() > 0;
  const std::string words(server.last_words());
  shared_.router.disconnect(server.number(), server_exited_error(server.end(), words, true),
                            shared_.reactor.now());
  if (serving_ || server.replaced || restart_timer_.is_set()) return;
  if (served)
    last_ = {.end = server.end(), .was_signalled = server.was_signalled(), .words = words};
  if (is_opening()) return;
  const bool goodbye = served && server.end().status == 0 && server.end().signal == 0 && !awaited;
  plan_restart(!goodbye, server.not_started() ? "it could not be run" : how_it_ended(server.end()));
}

void Supervisor::plan_restart(bool failed, std::string_view why) {
  if (!starting_allowed_) return;
  const auto pause = policy_.next(failed, shared_.reactor.now());
  if (!pause) {
    starting_allowed_ = false;
    const RestartMode mode = shared_.options.restart;
    if (mode == RestartMode::always || (failed && mode == RestartMode::on_failure))
      shared_.log.write(LogLevel::error, "given-up", {{"reason", why}});
    return;
  }
  const std::string in = format_duration(*pause);
  shared_.log.write(LogLevel::warn, "restarting", {{"reason", why}, {"in", in}});
  restart_timer_.set(shared_.reactor.now() + *pause);
}

std::uint64_t Supervisor::bytes_to_servers() const {
  std::uint64_t bytes = bytes_to_buried_;
  for (const Server& server : servers_)
    bytes += server.in().bytes_written();
  return bytes;
}

}  // namespace stdiogate
