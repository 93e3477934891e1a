#include <algorithm>

#include "src/router/state.h"

// Servers that come and go: which of them gets the requests, and the session with it.
namespace stdiogate {

namespace {

constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":0,"method":"ping"})";
constexpr std::size_t kPingIdOffset = kPing.find(":0,") + 1;

}  // namespace

void Router::connect(ServerNumber server, LineWriter& writer, bool must_answer, Time now) {
  State& state = *state_;
  state.now = now;
  state.links[server].state = ServerState::opening;
  state.links[server].writer = &writer;
  if (must_answer && !state.session.is_open) {
    state.ask(server, kPing, kPingIdOffset, 1);
  } else {
    state.go_on_opening(server);
  }
}

/// It is up: if there is a session it has to open that, too.
void Router::State::go_on_opening(ServerNumber server) {
  if (refusing) return;
  Link& link = links[server];
  link.is_up = initializing > 0;
  is_any_up = is_any_up || link.is_up;
  if (link.is_up) return;
  if (!session.is_open || link.was_asked_session) return serve(server);
  link.was_asked_session = true;
  ask(server, session.initialize, session.id_offset, session.id_length);
}

/// Sends a request of the gate's own to a server that is to take over. Its answer goes nowhere.
void Router::State::ask(ServerNumber server, std::string_view line, std::size_t id_offset,
                        std::size_t id_length) {
  if (line.empty()) return fail(server, "the client's initialize was too long to be kept");
  const std::uint64_t wire_id =
      of_client.open({.id = kOwnId,
                      .method = Methods::kInitialize,
                      .may_use_reserve = true,
                      .server = server,
                      .sequence = ++arrivals,
                      .timeout = config.start_timeout},
                     now, [this](const Request& asked, const Outcome& outcome) {
                       on_server_answer(asked.server, outcome);
                     });
  if (wire_id == 0) return fail(server, "no slot is free to open its session");
  ++asking;
  const WireId wire_text(wire_id);
  Edits edits(line);
  edits.add(line.substr(id_offset, id_length), wire_text.text());
  links[server].writer->append(line, edits.all());
}

/// A server that is to take over has said what it thinks of the session, or will not any more.
void Router::State::on_server_answer(ServerNumber server, const Outcome& outcome) {
  --asking;
  if (outcome.ending == Ending::timed_out) return fail(server, "it has not answered in time");
  if (outcome.ending != Ending::answered) return;  // it is gone, or all is over
  if (!outcome.answer) return fail(server, "its answer is too long");
  if (links[server].was_asked_session && session.is_open) {
    if (outcome.answer->has_error) return fail(server, "it has refused the client's initialize");
    const std::string version = session_terms(outcome.line).protocol_version;
    if (version != session.terms.protocol_version)
      return fail(server, "it speaks revision '" + version + "', the session is of '" +
                              session.terms.protocol_version + "'");
  }
  go_on_opening(server);
}

void Router::State::fail(ServerNumber server, std::string why) {
  links[server].state = ServerState::failed;
  links[server].failure = std::move(why);
}

/// From now on this server gets what the client sends.
void Router::State::serve(ServerNumber server) {
  if (serving) links[*serving].state = ServerState::retired;
  serving = server;
  links[server].state = ServerState::serving;
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
  for (const Request* next = queue.first(); next && of_client.has_room(next->may_use_reserve);
       next = queue.first()) {
    send_held(next->sequence);
    hand_over_waiting(*next);
  }
  send_held(UINT64_MAX);
  held.clear();
  held_bytes = 0;
  serve_queue();
}

void Router::retire(ServerNumber server) {
  State& state = *state_;
  if (state.serving != server) return;
  state.links[server].state = ServerState::retired;
  state.serving.reset();
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
  state.links[server] = {};
  state.serve_queue();
}

Router::ServerState Router::server_state(ServerNumber server) const {
  return state_->links[server].state;
}

std::string_view Router::why_failed(ServerNumber server) const {
  return state_->links[server].failure;
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

/// Servers that are up have waited for the client to open its session with another, and it has.
void Router::State::settle_opening() {
  is_any_up = false;
  for (ServerNumber server = 0; server < kMaxServers; ++server) {
    if (links[server].state == ServerState::opening && links[server].is_up) go_on_opening(server);
  }
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
