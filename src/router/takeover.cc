#include <algorithm>

#include "src/router/state.h"

// Servers that come and go: which of them gets the requests, and the session with it.
//
//     connect -> asked -> up -> opening -> ready (serves, then is retired) -> disconnect
//
// `asked`: only if it must show that it is up before another is retired for it, and there is no
// session whose opening would show it. `up`: only while the client opens its session with another.
// `opening`: only if there is a session. From all of these it may go to `failed`.
namespace stdiogate {

namespace {

constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":0,"method":"ping"})";
constexpr std::size_t kPingIdOffset = kPing.find(":0,") + 1;

}  // namespace

void Router::connect(ServerNumber server, LineWriter& writer, bool must_answer, Time now) {
  State& state = *state_;
  state.now = now;
  state.links[server].writer = &writer;
  state.enter(server, State::Stage::asked);
  if (must_answer && !state.session.is_open) {
    state.ask(server, kPing, kPingIdOffset, 1);
  } else {
    state.came_up(server);
  }
}

/// The one place where a server's stage changes.
void Router::State::enter(ServerNumber server, Stage stage) {
  if (serving == server) serving.reset();
  if (stage == Stage::ready) serving = server;
  if (stage == Stage::none) links[server] = {};
  links[server].stage = stage;
}

void Router::State::fail(ServerNumber server, std::string why) {
  links[server].failure = std::move(why);
  enter(server, Stage::failed);
}

/// It can be given requests: at once, unless there is a session that has to be opened with it.
void Router::State::came_up(ServerNumber server) {
  if (refusing) return;
  if (initializing > 0) return enter(server, Stage::up);
  if (!session.is_open) return take_over(server);
  enter(server, Stage::opening);
  ask(server, session.initialize, session.id_offset, session.id_length);
}

/// The client has opened its session with another server, or could not: those that have waited for
/// that go on.
void Router::State::settle_opening() {
  if (initializing > 0) return;
  for (ServerNumber server = 0; server < kMaxServers; ++server) {
    if (links[server].stage == Stage::up) came_up(server);
  }
}

/// Sends a request of the gate's own to a server that is to take over. Its answer goes nowhere.
void Router::State::ask(ServerNumber server, std::string_view line, std::size_t id_offset,
                        std::size_t id_length) {
  if (line.empty()) return fail(server, "the client's initialize was too long to be kept");
  const std::uint64_t wire_id =
      of_client.open({.method = Methods::kInitialize,
                      .may_use_reserve = true,
                      .is_own = true,
                      .server = server,
                      .sequence = ++arrivals,
                      .timeout = config.start_timeout},
                     now, [this](const Request& asked, const Outcome& outcome) {
                       --asking;
                       on_own_answer(asked.server, outcome);
                     });
  if (wire_id == 0) return fail(server, "no slot is free to open its session");
  ++asking;
  const std::string wire_text = std::to_string(wire_id);
  Edits edits(line);
  edits.add(line.substr(id_offset, id_length), wire_text);
  links[server].writer->append(line, edits.all());
}

/// A server that is to take over has said what it thinks of the session, or will not any more.
void Router::State::on_own_answer(ServerNumber server, const Outcome& outcome) {
  if (outcome.ending == Ending::timed_out) return fail(server, "it has not answered in time");
  if (outcome.ending != Ending::answered || refusing) return;  // it is gone, or all is over
  if (!outcome.answer) return fail(server, "its answer is too long");
  if (links[server].stage == Stage::asked) return came_up(server);
  if (session.is_open) {
    if (outcome.answer->has_error) return fail(server, "it has refused the client's initialize");
    const std::string version = session_terms(outcome.line).protocol_version;
    if (version != session.terms.protocol_version)
      return fail(server, "it speaks revision '" + version + "', the session is of '" +
                              session.terms.protocol_version + "'");
  }
  take_over(server);
}

/// From now on this server gets what the client sends.
void Router::State::take_over(ServerNumber server) {
  enter(server, Stage::ready);
  LineWriter& writer = *links[server].writer;
  if (session.is_open) {
    if (!session.initialized.empty()) writer.append(session.initialized);
    // Whatever the client knows of these may be different now.
    for (const std::string_view list : session.terms.changing_lists)
      to_client.append(R"({"jsonrpc":"2.0","method":"notifications/)" + std::string(list) +
                       R"(/list_changed"})");
  }
  // In the order they came, as far as there are slots.
  std::size_t sent = 0;
  const auto send_held = [&](std::uint64_t before) {
    for (; sent < held.size() && held[sent].arrivals < before; ++sent)
      writer.append(held[sent].line);
  };
  for (const Request* next = waiting.first(); next && of_client.has_room(next->may_use_reserve);
       next = waiting.first()) {
    send_held(next->sequence);
    hand_over_waiting(*next);
  }
  send_held(UINT64_MAX);
  held.clear();
  held_bytes = 0;
  serve_queue();
}

void Router::retire(ServerNumber server) {
  if (state_->serving == server) state_->serving.reset();
}

void Router::disconnect(ServerNumber server, const GateError& open, Time now) {
  State& state = *state_;
  state.now = now;
  retire(server);
  const Outcome outcome{.ending = Ending::server_gone, .error = &open};
  for (RequestTable* table : {&state.of_client, &state.of_server}) {
    for (const std::uint64_t wire_id : table->open_requests()) {
      if (table->find(wire_id)->server == server) table->complete(wire_id, outcome);
    }
  }
  state.enter(server, State::Stage::none);
  state.go_on();
}

Router::ServerState Router::server_state(ServerNumber server) const {
  switch (state_->links[server].stage) {
    case State::Stage::none: return ServerState::none;
    case State::Stage::asked:
    case State::Stage::up:
    case State::Stage::opening: return ServerState::opening;
    case State::Stage::ready:
      return state_->serving == server ? ServerState::serving : ServerState::retired;
    case State::Stage::failed: return ServerState::failed;
  }
  return ServerState::none;
}

std::string_view Router::why_failed(ServerNumber server) const {
  return state_->links[server].failure;
}

std::uint32_t Router::awaited(ServerNumber server) const {
  return state_->links[server].awaited;
}

std::uint32_t Router::busy(ServerNumber server) const {
  const State::Link& link = state_->links[server];
  return link.awaited + link.asked;
}

bool Router::is_opening_session() const {
  return state_->initializing > 0;
}

/// Keeps what the client sends to open its session, and what the server answers.
void Router::State::note_initialize(std::string_view line, std::size_t id_offset,
                                    std::size_t id_length) {
  if (session.is_open && serving) return;  // the server will refuse a second one
  session = {};
  if (line.size() > Session::kMaxLine) return;
  session.initialize = line;
  session.id_offset = id_offset;
  session.id_length = id_length;
}

void Router::State::note_initialize_answer(const Outcome& outcome) {
  if (!outcome.answer || outcome.answer->has_error || session.is_open) return;
  session.is_open = true;
  session.terms = session_terms(outcome.line);
}

/// A notification of the client's for whichever server serves, or will serve next.
void Router::State::notify_server(std::string_view line, bool is_initialized) {
  if (is_initialized && session.is_open && line.size() <= Session::kMaxLine) {
    session.initialized = line;
    if (!serving) return;  // it is sent when the session is opened again
  }
  if (serving) return links[*serving].writer->append(line);
  if (held_bytes + line.size() > config.queue_bytes)
    return report({.kind = EventKind::notification_dropped, .method = "notifications"});
  held.push_back({.arrivals = arrivals, .line = std::string(line)});
  held_bytes += line.size();
}

}  // namespace stdiogate
