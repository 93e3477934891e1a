#include "src/gate/supervisor.h"

#include <algorithm>

#include "stdiogate/gate_error.h"

#include "src/text.h"

namespace stdiogate {

namespace {

using Stage = Server::Stage;

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
  Server& server = servers_.emplace_back(free_number(), shared_, must_answer);
  // After a failure the router gets the new server only once its command runs; otherwise queued
  // requests would fail with it.
  if (!ever_ran_ || must_answer) server.enter(Stage::opening);
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

/// The server that serves, or has served and was not replaced.
const Server* Supervisor::current() const {
  for (const Server& server : servers_) {
    if (server.has_served() && !server.replaced) return &server;
  }
  return nullptr;
}

bool Supervisor::is_opening() const {
  return std::any_of(servers_.begin(), servers_.end(),
                     [](const Server& server) { return server.stage() < Stage::serving; });
}

bool Supervisor::is_busy() const {
  const Server* server = current();
  return server && server->sink().is_busy();
}

bool Supervisor::will_serve() const {
  if (current() || restart_timer_.is_set() || is_opening()) return true;
  // One that has failed to take over is followed by another when it is gone.
  return starting_allowed_ && std::any_of(servers_.begin(), servers_.end(),
                                          [](const Server& server) { return !server.replaced; });
}

/// Whether a further server can be started beside the one that serves.
bool Supervisor::can_replace() const {
  return current() && !is_opening() && servers_.size() < Router::kMaxServers &&
         !shared_.router.is_opening_session();
}

void Supervisor::stop_starting() {
  starting_allowed_ = replace_wanted_ = false;
  restart_timer_.clear();
  for (Server& server : servers_) {
    if (server.stage() == Stage::starting) {
      server.let_go(shared_.options.grace, shared_.options.grace);
    } else if (server.stage() == Stage::opening && !is_serving(server)) {
      reject(server, "it is not needed any more");
    }
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
    server.sink().flush();
}

bool Supervisor::wants_flush() const {
  return std::any_of(servers_.begin(), servers_.end(),
                     [](const Server& server) { return server.sink().wants_flush(); });
}

void Supervisor::note(Router::ServerNumber number, std::string_view line) {
  for (Server& server : servers_) {
    if (server.number() == number) server.note(line);
  }
}

void Supervisor::go_on() {
  for (Server& server : servers_)
    look_at(server);
  servers_.remove_if([](const Server& server) { return server.stage() == Stage::gone; });
  if (replace_wanted_ && can_replace()) {
    replace_wanted_ = false;
    start_server(true);
  }
}

void Supervisor::look_at(Server& server) {
  server.go_on();
  if (server.stage() == Stage::opening && is_serving(server)) take_over(server);
  switch (server.stage()) {
    case Stage::starting:
      if (server.is_useless()) {
        reject(server, "it has ended");
      } else if (server.has_started()) {
        server.enter(Stage::opening);
      }
      break;
    case Stage::opening:
      if (shared_.router.server_state(server.number()) == Router::ServerState::failed) {
        reject(server, shared_.router.why_failed(server.number()));
      } else if (server.is_useless()) {
        reject(server, "it has ended");
      }
      break;
    case Stage::serving:
      if (server.is_useless()) server.enter(Stage::retired);
      break;
    case Stage::retired:
      if (server.is_done()) server.enter(Stage::leaving);
      break;
    case Stage::leaving:
      if (server.is_finished()) bury(server);
      break;
    case Stage::gone: break;
  }
}

bool Supervisor::is_serving(const Server& server) const {
  return shared_.router.server_state(server.number()) == Router::ServerState::serving;
}

void Supervisor::take_over(Server& server) {
  bool replaces = false;
  for (Server& other : servers_) {
    if (!other.has_served() || other.replaced) continue;
    other.replaced = replaces = true;
    if (other.stage() == Stage::serving) other.enter(Stage::retired);
  }
  server.enter(Stage::serving);
  if (replaces) {
    ++shared_.counts.reloads;
    shared_.log.write(LogLevel::info, "reloaded");
  } else if (ever_ran_) {
    ++shared_.counts.restarts;
    shared_.log.write(LogLevel::info, "restarted");
  }
}

/// It cannot take over: if another serves, that one goes on.
void Supervisor::reject(Server& server, std::string_view why) {
  const bool is_reload = current() != nullptr;
  shared_.log.write(LogLevel::warn, is_reload ? "reload-failed" : "restart-failed",
                    {{"reason", why}});
  server.replaced = server.replaced || is_reload;
  server.let_go(shared_.options.grace, shared_.options.grace);
}

/// Nothing of it is left. If it was replaced, or could not replace another, nothing follows.
void Supervisor::bury(Server& server) {
  bytes_to_buried_ += server.sink().bytes_written();
  const bool awaited = shared_.router.in_flight() + shared_.router.waiting() > 0;
  server.enter(Stage::gone);
  if (server.not_started() && !ever_ran_ && !server.replaced) not_started_ = server.not_started();
  ever_ran_ = ever_ran_ || !server.not_started();
  if (not_started_ || server.replaced) return;
  if (server.has_served())
    last_ = {.end = server.end(),
             .was_signalled = server.was_signalled(),
             .words = std::string(server.last_words())};
  if (is_opening()) return;
  const bool goodbye =
      server.has_served() && server.end().status == 0 && server.end().signal == 0 && !awaited;
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
    bytes += server.sink().bytes_written();
  return bytes;
}

}  // namespace stdiogate
