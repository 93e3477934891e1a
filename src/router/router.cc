#include "stdiogate/router.h"

#include <algorithm>

#include "src/limits.h"
#include "src/router/state.h"

namespace stdiogate {

namespace {

/// Whether the next line may be taken: `replies` go back to its sender, `forwarded` is the other
/// side's writer.
bool has_room(const LineWriter& replies, const LineWriter* forwarded) {
  return replies.replies() < kMaxReplies &&
         (!forwarded || forwarded->size() - forwarded->replies() < kHighWater);
}

template <class MayRead, class Take>
bool take_lines(MessageParser& parser, LineReader& lines, MayRead may_read, Take take) {
  parser.expect(lines.whole_lines());
  bool all = false;
  while (!all && (lines.empty() || may_read())) {
    const auto line = lines.next();
    if (line) take(*line);
    all = !line;
  }
  parser.expect({});
  return all;
}

}  // namespace

Router::State::State(const RouterConfig& given, LineWriter& client, Observer& told)
    : config(given),
      to_client(client),
      observer(told),
      methods(given),
      of_client({.slots = given.max_in_flight, .reserve = kReserve}),
      of_server({.slots = kMaxServerRequests}),
      waiting(given.queue_bytes,
              {.for_slot = given.queue_timeout, .for_server = given.server_wait()}),
      batches(client),
      held(given.queue_bytes) {}

Router::Router(const RouterConfig& config, LineWriter& to_client, Observer& observer)
    : state_(std::make_unique<State>(config, to_client, observer)) {}

Router::~Router() = default;

bool Router::client_lines(LineReader& lines, Time now) {
  const bool all = take_lines(
      state_->parser, lines, [this] { return may_read_client(); },
      [this, now](const Line& line) { client_line(line, now); });
  state_->end_of_lines();
  return all;
}

bool Router::server_lines(LineReader& lines, Time now, ServerNumber server) {
  const bool all = take_lines(
      state_->parser, lines, [this, server] { return may_read_server(server); },
      [this, now, server](const Line& line) {
        if (state_->links[server].stage != State::Stage::none) server_line(line, now, server);
      });
  state_->end_of_lines();
  return all;
}

bool Router::may_read_client() const {
  const State& state = *state_;
  return has_room(state.to_client, state.serving ? state.links[*state.serving].writer : nullptr);
}

bool Router::may_read_server(ServerNumber server) const {
  const State& state = *state_;
  const LineWriter* writer = state.links[server].writer;
  return !writer || has_room(*writer, &state.to_client);
}

void Router::client_line(const Line& line, Time now) {
  State& state = state_->at(now);
  if (line.overlong) {
    if (state.config.observe_lines) state.observe_overlong(line, state.overlong_beginning, false);
    return state.client_overlong(line);
  }
  const auto observe = [&](bool is_json) {
    if (state.config.observe_lines)
      state.report({.kind = EventKind::line_observed, .is_error = !is_json, .detail = line.bytes});
  };
  if (is_blank(line.bytes)) {
    observe(false);
    return state.client_blank(line.bytes);
  }
  const Message& message = state.parse(line.bytes);
  observe(message.fault.code != kParseError);
  state.client_message(message, 0);
  state.after_line();
}

void Router::server_line(const Line& line, Time now, ServerNumber server) {
  State& state = *state_;
  state.now = std::max(state.now, now);  // a line of the same read may have taken long
  state.sender = server;
  if (line.overlong) {
    if (state.config.observe_lines)
      state.observe_overlong(line, state.links[server].overlong_beginning, true);
    state.server_overlong(line);
  } else if (!is_blank(line.bytes)) {
    const Message& message = state.parse(line.bytes);
    if (line.bytes.size() >= kLongToCheck) state.now = state.observer.later(state.now);
    state.server_message(message);
  }
  state.after_line();
}

void Router::advance(Time now) {
  State& state = state_->at(now);
  for (const RequestTable::Due& due : state.of_client.due(now))
    state.time_out(due);
  // A slot that has become free is for the request that came first, however long it has waited.
  state.after_line();
  const bool serves = state.takes_requests();
  while (const Request* request = state.waiting.due(now, serves)) {
    const RouterConfig& config = state.config;
    const auto error = serves ? queue_timeout_error(config.queue_timeout, config.max_in_flight)
                              : server_wait_error(config.server_wait());
    state.end_waiting(*request, Ending::refused, &error);
  }
}

std::optional<Time> Router::next_deadline() const {
  const auto request = state_->of_client.next_deadline();
  const auto waiting = state_->waiting.next_deadline(state_->takes_requests());
  if (!request || !waiting) return request ? request : waiting;
  return std::min(*request, *waiting);
}

void Router::State::time_out(const RequestTable::Due& due) {
  const Request* request = of_client.find(due.wire_id);
  const bool is_own = request->is_own;
  const bool is_initialize = request->method == Methods::kInitialize;
  const std::string words = is_initialize && !is_own ? observer.last_words(request->server) : "";
  const ServerNumber server = request->server;
  const GateError error =
      timeout_error(due.after, now - request->start, methods[request->method].name, words);
  of_client.complete(due.wire_id, {.ending = Ending::timed_out, .error = &error});
  // MCP 2025-11-25, basic/lifecycle: a side that stops waiting should say so;
  // basic/utilities/cancellation: but initialize must not be cancelled.
  if (!is_initialize && !is_own) links[server].writer->append(cancel(due.wire_id, error.message));
}

/// The notification that cancels a request, in the words of the session's protocol. `reason` needs
/// no quoting.
std::string Router::State::cancel(std::uint64_t wire_id, std::string_view reason) const {
  const std::string id = std::to_string(wire_id);
  if (session.is_acp)
    return R"({"jsonrpc":"2.0","method":"$/cancel_request","params":{"requestId":)" + id + "}}";
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
         R"(,"reason":")" + std::string(reason) + "\"}}";
}

void Router::refuse(const GateError& later, Time now) {
  State& state = state_->at(now);
  state.refusing = later;
  while (const Request* request = state.waiting.first())
    state.end_waiting(*request, ending_of(later.reason), &later);
  state.held.clear();
}

void Router::end(const GateError& open, const GateError& later, Time now) {
  State& state = state_->at(now);
  const Ending ending = ending_of(open.reason);
  state.refusing = later;
  for (const std::uint64_t wire_id : state.of_client.open_requests())
    state.of_client.complete(wire_id, {.ending = ending, .error = &open});
  while (const Request* request = state.waiting.first())
    state.end_waiting(*request, ending, &later);
  for (const std::uint64_t wire_id : state.of_server.open_requests())
    state.of_server.complete(wire_id, {.ending = ending, .error = &open});
}

std::vector<std::uint64_t> Router::open_requests() const {
  return state_->of_client.open_requests();
}

std::uint32_t Router::in_flight() const {
  return state_->in_flight();
}

std::uint32_t Router::waiting() const {
  return state_->waiting.size();
}

std::uint32_t Router::asked() const {
  return state_->of_server.open_count();
}

bool Router::has_waiting() const {
  return state_->waiting.size() > 0 || !state_->held.empty();
}

std::uint32_t Router::awaited() const {
  return in_flight() - state_->listening + waiting();
}

/// The line of the gate's own with this error; good until the next.
std::string_view Router::State::error_reply(std::string_view id, const GateError& error) {
  scratch.clear();
  append_error_response(scratch, id, error);
  answer_bytes = scratch.size();
  return scratch;
}

}  // namespace stdiogate
