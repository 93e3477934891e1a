#include <algorithm>

#include "router_state.h"

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
  const Session& session = state.session;
  if (session.is_open) {
    state.ask(server, session.initialize, session.id_offset, session.id_length);
  } else if (must_answer) {
    state.ask(server, kPing, kPingIdOffset, 1);
  } else {
    state.serve(server);
  }
}

/// Sends a request of the gate's own to a server that is to take over. Its answer goes nowhere.
void Router::State::ask(ServerNumber server, std::string_view line, std::size_t id_offset,
                        std::size_t id_length) {
  if (line.empty()) return fail(server, "the client's initialize was too long to be kept");
  const auto wire_id = of_client.open({.id = kOwnId,
                                       .method = Methods::kInitialize,
                                       .may_use_reserve = true,
                                       .server = server,
                                       .sequence = ++arrivals,
                                       .timeout = config.start_timeout},
                                      now, [this](const Request& asked, const Outcome& outcome) {
                                        on_server_answer(asked.server, outcome);
                                      });
  if (!wire_id) return fail(server, "no slot is free to open its session");
  ++asking;
  const WireId wire_text(*wire_id);
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
  if (session.is_open) {
    if (outcome.answer->has_error) return fail(server, "it has refused the client's initialize");
    const std::string version = session_terms(outcome.line).protocol_version;
    if (version != session.terms.protocol_version)
      return fail(server, "it speaks revision '" + version + "', the session is of '" +
                              session.terms.protocol_version + "'");
  }
  serve(server);
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
  for (const std::string& line : held)
    writer.append(line);
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

/// A notification of the client's for whichever server serves, or will serve next.
void Router::State::notify_server(std::string_view line, bool is_initialized) {
  if (is_initialized && session.is_open && line.size() <= Session::kMaxLine) {
    session.initialized = line;
    if (!serving) return;  // it is sent when the session is opened again
  }
  if (serving) return links[*serving].writer->append(line);
  if (held_bytes + line.size() > config.queue_bytes)
    return report({.kind = EventKind::notification_dropped, .method = "notifications"});
  held.emplace_back(line);
  held_bytes += line.size();
}

}  // namespace stdiogate
