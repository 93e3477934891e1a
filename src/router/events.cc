#include "src/router/events.h"

#include "stdiogate/request_id.h"

#include "src/json/elements.h"
#include "src/limits.h"
#include "src/router/state.h"

namespace stdiogate {

const RequestTexts& TextReader::read(const Message& request, bool is_known) {
  // A few bytes more than are shown, so that whoever shows it knows that it is longer.
  constexpr std::size_t kMost = kMaxNameShown + 4;
  const bool named = request.method == "tools/call" || request.method == "prompts/get";
  texts_ = {.method = is_known ? std::string_view() : request.method.substr(0, kMost),
            .name = named ? request.name.substr(0, kMost) : std::string_view()};
  if (request.meta.empty()) return texts_;
  traceparent_ = json::text_of(json::value_at(request.meta, {"traceparent"}), kTraceparentRead);
  version_ = json::short_text(
      json::value_at(request.meta, {"io.modelcontextprotocol/protocolVersion"}), kMaxVersionText);
  texts_.traceparent = traceparent_;
  texts_.protocol_version = version_;
  return texts_;
}

std::string_view error_code_in(std::string_view answer) {
  return json::value_at(answer, {"error", "code"});
}

// What the observer is told.

void Router::State::report(Event&& event) {
  event.server = sender;
  tell(event);
}

void Router::State::tell(Event& event) {
  event.now = now;
  event.in_flight = in_flight();
  event.waiting = waiting.size();
  observer.on_event(event);
}

Details Router::State::details_of(const Request& request, const Outcome& outcome,
                                  bool from_server) const {
  Details details{request.texts(), moment() - request.arrived, request.line_size};
  if (!details.method.data()) details.method = methods[request.method].name;
  const bool ever_sent = request.wire_id != 0 || request.was_sent_as != 0;
  if (request.queued) details.queued = ever_sent ? *request.queued : details.duration;
  if (details.protocol_version.empty()) details.protocol_version = session.terms.revision;
  details.in_flight = from_server ? of_server.open_count() : in_flight();
  details.answer_bytes = answer_bytes;
  details.error = outcome.error;
  if (!outcome.answer) return details;
  if (outcome.answer->has_error) {
    details.error_code = error_code_in(outcome.answer->line);
  } else {
    details.is_tool_error = request.method == Methods::kToolsCall && outcome.answer->is_tool_error;
  }
  return details;
}

void Router::State::report_end(const Request& request, const Outcome& outcome, bool from_server) {
  Event event{
      .kind = EventKind::request_ended,
      .from_server = from_server,
      .server = request.server,
      .is_error = outcome.error || (outcome.answer && outcome.answer->has_error),
      .by_gate = outcome.error != nullptr,
      .ending = outcome.ending,
      .latency = request.was_sent_as != 0 ? moment() - request.arrived : now - request.start,
      .wire_id = request.wire_id != 0 ? request.wire_id : request.was_sent_as,
      .method_number = request.method,
      .id = request.id(),
      .method = methods[request.method].name};
  if (!config.observe_details) return tell(event);
  const Details details = details_of(request, outcome, from_server);
  event.details = &details;
  tell(event);
}

void Router::State::report_dropped(EventKind kind, const Message& message, std::string_view id,
                                   bool from_server) {
  report({.kind = kind, .from_server = from_server, .id = id, .method = message.method});
}

void Router::State::report_dropped_answer(const Message& message, bool from_server) {
  const RequestTable& asked = from_server ? of_client : of_server;
  report({.kind = EventKind::answer_dropped,
          .from_server = from_server,
          .is_error = message.has_error,
          .was_open = is_id(message.id) && asked.is_past(whole_number(message.id)),
          .id = message.id});
}

/// Reports the beginning of an overlong line, once all of that has come.
void Router::State::observe_overlong(const Line& piece, std::string& beginning, bool from_server) {
  const std::size_t room = kMaxRecordedText - beginning.size();
  beginning += piece.bytes.substr(0, room);
  if (room > 0 && (piece.ends || piece.bytes.size() >= room))
    report({.kind = EventKind::line_observed,
            .from_server = from_server,
            .was_cut = true,
            .detail = beginning});
  if (piece.ends) beginning.clear();
}

}  // namespace stdiogate
