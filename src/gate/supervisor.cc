#include "src/gate/supervisor.h"

#include <algorithm>
#include <cassert>

#include "src/gate/idle_memory.h"

namespace stdiogate {

Supervisor::Supervisor(Server::Shared& shared)
    : shared_(shared),
      policy_(shared.options.restart, shared.options.max_restarts),
      restart_timer_(shared.reactor, [this] { on_restart_time(); }),
      idle_timer_(shared.reactor, [this] { on_idle_time(); }),
      last_activity_(shared.reactor.now()) {}

void Supervisor::start() {
  start_server(false);
  end_of_turn();
}

void Supervisor::start_server(bool must_answer) {
  Server& server = servers_.emplace_back(free_number(), shared_, must_answer);
  // The router gets a further server only once its command runs; after a failure queued
  // requests would fail with it.
  if (!ever_ran_ && !must_answer) server.enter(Stage::opening);
}

Router::ServerNumber Supervisor::free_number() const {
  Router::ServerNumber number = 0;
  while (std::ranges::count(servers_, number, &Server::number) > 0)
    ++number;
  return number;
}

/// The router names only servers that are connected, and all of those are here. A plain loop, since
/// it is called for every answer.
Server& Supervisor::numbered(Router::ServerNumber number) {
  auto server = servers_.begin();
  while (server->number() != number) {
    ++server;
    assert(server != servers_.end());
  }
  return *server;
}

void Supervisor::replace(std::string_view why) {
  if (!starting_allowed_) return;
  shared_.log.write(LogLevel::info, "reload", {{"reason", why}});
  if (restart_timer_.is_set()) {
    dormant_ = false;
    return restart_timer_.set(shared_.reactor.now());
  }
  if (dormant_) return;  // the next server is a new one anyway
  replace_wanted_ = true;
}

/// The server that serves, or has served and was not replaced.
const Server* Supervisor::current() const {
  for (const Server& server : servers_) {
    if (server.has_served() && !server.replaced && server.stage() != Stage::gone) return &server;
  }
  return nullptr;
}

bool Supervisor::is_opening() const {
  return std::ranges::any_of(servers_,
                             [](const Server& server) { return server.stage() < Stage::serving; });
}

bool Supervisor::is_silent() const {
  const Server* server = current();
  return server && server->is_silent();
}

bool Supervisor::will_serve() const {
  if (current() || restart_timer_.is_set() || dormant_ || is_opening()) return true;
  // One that has failed to take over is followed by another when it is gone.
  return starting_allowed_ &&
         std::ranges::any_of(servers_, [](const Server& server) { return !server.replaced; });
}

/// Whether a further server can be started beside the one that serves, if there is room.
bool Supervisor::can_replace() const {
  return current() && !is_opening() && !shared_.router.is_opening_session();
}

/// Whether one more can be started now. The log says once what it waits for.
bool Supervisor::finds_room() {
  const bool has_room = servers_.size() < Router::kMaxServers;
  if (!has_room && !waits_for_room_)
    shared_.log.write(LogLevel::warn, "waits-for-room", {{"servers", servers_.size()}});
  waits_for_room_ = !has_room;
  return has_room;
}

void Supervisor::client_closed() {
  client_closed_ = true;
  replace_wanted_ = false;
  if (current()) reject_openings();
}

/// Starts no further server, and lets those go that do not serve yet.
void Supervisor::stop_starting() {
  starting_allowed_ = replace_wanted_ = dormant_ = false;
  restart_timer_.clear();
  reject_openings();
}

void Supervisor::reject_openings() {
  for (Server& server : servers_) {
    if (server.stage() == Stage::starting) {
      server.let_go(shared_.options.ladder());
    } else if (server.stage() == Stage::opening && !is_serving(server)) {
      reject(server, "it is not needed any more");
    }
  }
}

void Supervisor::end_input(bool now) {
  stop_starting();
  for (Server& server : servers_)
    server.end_input(now);
  shared_.reactor.again();
}

void Supervisor::end(const Ladder& ladder) {
  stop_starting();
  for (Server& server : servers_)
    server.let_go(ladder);
}

void Supervisor::on_request_ended(const Event& event) {
  if (event.ending == Ending::answered) {
    policy_.note_answer();
    // Half an answer may be its last line.
    if (!event.by_gate) numbered(event.server).note_answer(event.wire_id);
  } else if (event.ending == Ending::timed_out && event.method == "initialize") {
    start_timed_out_ = event.server;
  } else if (event.ending == Ending::server_gone && event.method == "server/discover") {
    probe_lost_ = true;
  }
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
  return std::ranges::any_of(servers_,
                             [](const Server& server) { return server.sink().wants_flush(); });
}

void Supervisor::mark_unread() {
  for (Server& server : servers_)
    server.mark_unread();
}

bool Supervisor::have_unread(bool are_held) const {
  return std::ranges::any_of(servers_,
                             [&](const Server& server) { return server.has_unread(are_held); });
}

void Supervisor::end_of_turn() {
  for (Server& server : servers_)
    look_at(server);
  servers_.remove_if([](const Server& server) { return server.stage() == Stage::gone; });
  if (client_closed_ && !shared_.router.has_waiting()) stop_starting();
  // Some servers run only once at a time: one that was put to sleep ends first.
  const bool one_leaves = std::ranges::any_of(
      servers_, [](const Server& one) { return one.stage() == Stage::leaving; });
  if (dormant_ && shared_.router.has_waiting() && !one_leaves && finds_room()) {
    dormant_ = false;
    restart_timer_.clear();
    start_server(false);
  }
  if (replace_wanted_ && can_replace() && finds_room()) {
    replace_wanted_ = false;
    start_server(true);
  }
  watch_idleness();
}

bool Supervisor::is_idle() const {
  const Server* server = current();
  return server && server->stage() == Stage::serving && !server->is_useless() && !is_opening() &&
         starting_allowed_ && !client_closed_ && shared_.router.is_idle();
}

void Supervisor::watch_idleness() {
  const Duration patience = shared_.options.idle_stop;
  if (patience == Duration{}) return;
  if (!is_idle()) {
    idle_timer_.clear();
  } else if (!idle_timer_.is_set()) {
    idle_timer_.set(last_activity_ + patience);
  }
}

void Supervisor::on_idle_time() {
  const Time due = last_activity_ + shared_.options.idle_stop;
  if (due > shared_.reactor.now()) return idle_timer_.set(due);
  for (Server& server : servers_) {
    if (!is_idle() || &server != current()) continue;
    ++shared_.counts.idle_stops;
    shared_.log.write(LogLevel::info, "idle-stop");
    server.enter(Stage::retired);  // what is queued for it is still written
    put_to_sleep(server);
    give_back_memory();
    break;
  }
}

void Supervisor::look_at(Server& server) {
  server.end_of_turn();
  if (server.stage() == Stage::opening && is_serving(server)) take_over(server);
  if (start_timed_out_ == server.number()) {
    start_timed_out_.reset();
    // It may be at work still, but the next initialize needs a server that has seen none.
    if (server.stage() == Stage::serving) put_to_sleep(server);
  }
  if (is_in_the_way(server)) pass_over(server);
  switch (server.stage()) {
    case Stage::starting:
      if (server.is_useless()) {
        lose(server);
      } else if (server.has_started()) {
        server.enter(Stage::opening);
      }
      break;
    case Stage::opening:
      if (shared_.router.server_state(server.number()) == Router::ServerState::failed) {
        const std::string why(shared_.router.why_failed(server.number()));
        server.hint = ": " + why;
        reject(server, why);
      } else if (server.is_useless()) {
        lose(server);
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
  const Server* replaces = nullptr;
  for (Server& other : servers_) {
    if (!other.has_served() || other.replaced) continue;
    other.replaced = true;
    replaces = &other;
    if (other.stage() == Stage::serving) other.enter(Stage::retired);
  }
  server.enter(Stage::serving);
  last_activity_ = shared_.reactor.now();
  dormant_ = false;
  restart_timer_.clear();
  if (replaces) {
    ++shared_.counts.reloads;
    shared_.files.server_replaced(server.number(), replaces->number());
    shared_.log.write(LogLevel::info, "reloaded");
  } else if (ever_ran_) {
    ++shared_.counts.restarts;
    shared_.log.write(LogLevel::info, "restarted");
  }
}

std::uint64_t Supervisor::bytes_to_servers() const {
  std::uint64_t bytes = bytes_to_buried_;
  for (const Server& server : servers_)
    bytes += server.sink().bytes_written();
  return bytes;
}

}  // namespace stdiogate
