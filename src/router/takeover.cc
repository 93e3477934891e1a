#include <vector>

#include "stdiogate/request_id.h"

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

}  // namespace

void Router::connect(ServerNumber server, LineWriter& writer, bool must_answer, Time now) {
  State& state = state_->at(now);
  state.links[server].writer = &writer;
  state.enter(server, State::Stage::asked);
  if (must_answer && !state.session.is_open) {
    state.ask_whether_up(server);
  } else {
    state.came_up(server);
  }
}

/// The one place where a server's stage changes.
void Router::State::enter(ServerNumber server, Stage stage) {
  // It could not go on with the session: the next one gets the client's new initialize.
  const bool failed = stage == Stage::failed || stage == Stage::none;
  if (failed && links[server].stage == Stage::opening && std::exchange(wants_new_session, false))
    session = {};
  ups += stage == Stage::up;
  ups -= links[server].stage == Stage::up;
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
  if (session.initialize.text.empty())
    return fail(server, "the client's initialize was too long to be kept");
  ask(server, session.initialize, true);
}

/// The client has opened its session with another server, or could not: those that have waited for
/// that go on.
void Router::State::settle_opening() {
  if (ups == 0 || initializing > 0) return;
  for (ServerNumber server = 0; server < kMaxServers; ++server) {
    if (links[server].stage == Stage::up) came_up(server);
  }
}

/// Sends a request of the gate's own, whose answer the client never sees. `decides`: with it the
/// server takes over, or fails; it fails, too, if there is no slot.
void Router::State::ask(ServerNumber server, const KeptLine& line, bool decides) {
  const std::uint64_t wire_id =
      of_client.open({.method = line.method,
                      .may_use_reserve = true,
                      .is_own = true,
                      .server = server,
                      .sequence = ++arrivals,
                      .timeout = config.start_timeout},
                     now, [this, decides](const Request& asked, const Outcome& outcome) {
                       --asking;
                       if (decides) on_own_answer(asked.server, outcome);
                     });
  if (wire_id == 0) {
    if (decides) fail(server, "no slot is free to open its session");
    return;
  }
  ++asking;
  if (config.observe_lines) report({.kind = EventKind::asked_by_gate, .detail = line.text});
  const std::string_view text = line.text;
  append_renamed(*links[server].writer, text, text.substr(line.id_offset, line.id_length), wire_id);
}

/// Any answer will do. The question is one that the client might have sent, since some servers take
/// the protocol's revision from the first line they read: the official SDK's of 2026-07-28 do.
void Router::State::ask_whether_up(ServerNumber server) {
  KeptLine line = discover;
  if (line.text.empty()) line = discover_like(last_meta);
  line.method = Methods::kDiscover;
  if (line.text.empty())
    line = {.text = std::string(kPing),
            .id_offset = kPing.find("0,"),
            .id_length = 1,
            .method = Methods::kPing};
  ask(server, line, true);
}

/// A server that is to take over has answered the gate's own request, or never will.
void Router::State::on_own_answer(ServerNumber server, const Outcome& outcome) {
  const bool is_opening = links[server].stage == Stage::opening;
  if (outcome.ending == Ending::timed_out) {
    return fail(server, is_opening ? "it has not answered the client's initialize in time"
                                   : "it has not answered in time");
  }
  if (outcome.ending != Ending::answered || refusing) return;  // it is gone, or all is over
  if (!outcome.answer) return fail(server, "its answer is too long or not valid");
  if (links[server].stage == Stage::asked) return came_up(server);
  std::string why = session.is_open ? why_refused(outcome) : "";
  if (!why.empty()) return fail(server, std::move(why));
  take_over(server);
}

std::string Router::State::why_refused(const Outcome& answer) const {
  if (answer.answer->has_error) return "it has refused the client's initialize";
  const std::string version = session_terms(answer.answer->line).protocol_version;
  if (version == session.terms.protocol_version) return {};
  return "it speaks revision '" + version + "', the session is of '" +
         session.terms.protocol_version + "'";
}

/// From now on this server gets what the client sends.
void Router::State::take_over(ServerNumber server) {
  if (!serving) waiting.server_serves(now);
  wants_new_session = false;
  enter(server, Stage::ready);
  if (session.is_open) {
    if (!session.initialized.empty()) links[server].writer->append(session.initialized);
    for (const Session::SetUp& one : session.set_up)
      links[server].to_set_up.push_back(one.request);
    // Whatever the client knows of these may be different now.
    for (const std::string_view list : session.terms.changing_lists)
      to_client.append(R"({"jsonrpc":"2.0","method":"notifications/)" + std::string(list) +
                       R"(/list_changed"})");
  }
  set_up(server);
}

/// What the client has subscribed to, and its log level, are set again, a few at a time, since it
/// may not bear more. The answers go nowhere. What the client sends comes after all of it.
void Router::State::set_up(ServerNumber server) {
  std::deque<KeptLine>& left = links[server].to_set_up;
  while (!left.empty() && asking < kReserve / 2 && of_client.has_room(true)) {
    ask(server, left.front(), false);
    left.pop_front();
  }
  if (left.empty()) hand_over_held(*links[server].writer);
}

/// In the order they came, as far as there are slots.
void Router::State::hand_over_held(LineWriter& writer) {
  for (const Request* next = waiting.first(); next && of_client.has_room(next->may_use_reserve);
       next = waiting.first()) {
    held.send_before(next->sequence, writer);
    hand_over_waiting(*next);
  }
  held.send_before(UINT64_MAX, writer);
  serve_queue();
}

void Router::retire(ServerNumber server) {
  if (state_->serving == server) state_->serving.reset();
}

void Router::disconnect(ServerNumber server, const GateError& open, Time now) {
  State& state = state_->at(now);
  state.lose(server, open);
  state.enter(server, State::Stage::none);
  state.after_line();
}

/// All that is open with the server ends, except what can be sent again.
void Router::State::lose(ServerNumber server, const GateError& error) {
  std::vector<std::uint64_t> lost = of_client.open_requests();
  std::erase_if(lost, [&](std::uint64_t id) { return of_client.find(id)->server != server; });
  // A retryable error means that the command could not be run. It is not tried again, so there will
  // be no next server to keep these requests for.
  end_or_put_back(lost, error, !error.retryable, true);
  const Outcome outcome{.ending = Ending::server_gone, .error = &error};
  for (const std::uint64_t wire_id : of_server.open_requests()) {
    if (of_server.find(wire_id)->server == server) of_server.complete(wire_id, outcome);
  }
}

void Router::take_back(std::string_view lines, const GateError& error, Time now) {
  State& state = state_->at(now);
  std::vector<std::uint64_t> requests;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    const Message& message = state.parse(line);
    if (message.kind == MessageKind::request) requests.push_back(whole_number(message.id));
    // The one that belongs to the session goes to the next server.
    if (message.kind == MessageKind::notification && message.method != "notifications/initialized")
      state.report_dropped(EventKind::notification_dropped, message, "", false);
  }
  state.end_or_put_back(requests, error, error.reason == Reason::server_exited, false);
  state.after_line();
}

/// Ends those of the requests that are open. If another server `may_come`, the ones without effects
/// wait for it instead. `were_read`: the lost server may have read them.
void Router::State::end_or_put_back(const std::vector<std::uint64_t>& wire_ids,
                                    const GateError& error, bool may_come, bool were_read) {
  std::uint64_t last_initialize = 0;
  for (const std::uint64_t wire_id : wire_ids) {
    const Request* request = of_client.find(wire_id);
    if (!request) continue;
    const bool is_initialize = request->method == Methods::kInitialize;
    const bool has_effects = !is_initialize && request->method != Methods::kPing;
    if (refusing || !may_come || has_effects || request->line.empty()) {
      GateError told = error;
      told.retryable = told.retryable && !request->was_read;
      of_client.complete(wire_id, {.ending = ending_of(error.reason), .error = &told});
    } else {
      if (is_initialize) last_initialize = request->sequence;
      put_back(wire_id, were_read);
    }
  }
  // The initialize waits for the next server, and so does the notification that had followed it.
  if (last_initialize != 0 && !unconfirmed.empty()) held.insert(unconfirmed, last_initialize);
}

/// A request without effects waits for the next server.
void Router::State::put_back(std::uint64_t wire_id, bool was_read) {
  Request request = of_client.take(wire_id);
  request.was_read = request.was_read || was_read;
  note_closed(request);
  request.start = now;
  const Request& waits = waiting.put_back(std::move(request));
  report({.kind = EventKind::request_queued,
          .method_number = waits.method,
          .id = waits.id(),
          .method = methods[waits.method].name});
}

Router::ServerState Router::server_state(ServerNumber server) const {
  if (state_->serving == server) return ServerState::serving;
  switch (state_->links[server].stage) {
    case State::Stage::none: return ServerState::none;
    case State::Stage::ready: return ServerState::retired;
    case State::Stage::failed: return ServerState::failed;
    default: return ServerState::opening;
  }
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

}  // namespace stdiogate
