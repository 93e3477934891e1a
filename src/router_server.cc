#include "stdiogate/request_id.h"

#include "router_state.h"

// The rules for lines of the server.
namespace stdiogate {

void Router::State::server_request(std::string_view line, const Message& message) {
  const std::uint32_t method = methods.number_of(message.method);
  const auto wire_id = of_server.open({.id = message.id, .method = method}, now,
                                      [this](const Request& request, const Outcome& outcome) {
                                        finish_server_request(request, outcome);
                                      });
  if (!wire_id) {
    scratch.clear();
    append_error_response(scratch, message.id, limit_error(kMaxServerRequests));
    to_server.append(scratch);
    return report({.kind = EventKind::request_ended,
                   .from_server = true,
                   .ending = Ending::refused,
                   .method_number = method,
                   .id = message.id,
                   .method = methods[method].name});
  }
  pass(to_client, line, message.id, WireId(*wire_id).text());
  report({.kind = EventKind::request_opened,
          .from_server = true,
          .wire_id = *wire_id,
          .method_number = method,
          .id = message.id,
          .method = methods[method].name});
}

void Router::State::finish_server_request(const Request& request, const Outcome& outcome) {
  if (outcome.answer) {
    pass(to_server, outcome.line, outcome.answer->id, request.id());
  }
  report_end(request, outcome, true);
}

void Router::State::server_notification(std::string_view line, const Message& message) {
  if (message.method == "notifications/cancelled") return server_cancel(line, message);
  if (message.method == "notifications/progress" && is_id(message.progress_token))
    (void)of_client.progress(message.progress_token, now);
  to_client.append(line);
}

// A server cancels a request of its own (up to MCP 2025-11-25), or ends a subscriptions/listen of
// the client's (2026-07-28, basic/patterns/subscriptions). The same number may name one of each:
// its own comes first.
void Router::State::server_cancel(std::string_view line, const Message& message) {
  const std::string_view id = message.request_id;
  const bool usable = is_id(id) && !message.ambiguous;
  if (const Request* own = usable ? of_server.newest(id) : nullptr) {
    const std::uint64_t wire_id = own->wire_id;
    pass(to_client, line, id, WireId(wire_id).text());
    of_server.complete(wire_id, {.ending = Ending::cancelled});
    return;
  }
  const auto wire_id = usable ? whole_number(id, true) : std::nullopt;
  const Request* request = wire_id ? of_client.find(*wire_id) : nullptr;
  if (!request) return report({.kind = EventKind::cancel_dropped, .from_server = true, .id = id});
  pass(to_client, line, id, request->id());
  // Another request than a listen is still answered.
  if (request->method == Methods::kListen)
    of_client.complete(*wire_id, {.ending = Ending::cancelled});
}

void Router::State::server_response(std::string_view line, const Message& message) {
  if (message.id.empty() && !message.has_error)
    return report({.kind = EventKind::noise, .from_server = true, .detail = line});
  if (message.has_error && (message.id.empty() || message.id == "null")) {
    to_client.append(line);
    return report({.kind = EventKind::anonymous_error, .from_server = true});
  }
  const auto wire_id = is_id(message.id) ? whole_number(message.id, true) : std::nullopt;
  const Outcome outcome{.ending = Ending::answered, .line = line, .answer = &message};
  if (wire_id && of_client.complete(*wire_id, outcome)) return;
  report_dropped_answer(message, true, wire_id && of_client.is_past(*wire_id));
}

void Router::State::server_overlong(std::string_view beginning) {
  const std::string limit = std::to_string(config.max_line);
  report({.kind = EventKind::overlong_line, .from_server = true, .detail = limit});
  const Message& message = parser.parse_beginning(beginning);
  if (message.kind != MessageKind::response || !message.has_usable_id) return;
  const auto wire_id = whole_number(message.id, true);
  const GateError error = line_too_long_error(config.max_line);
  if (wire_id) of_client.complete(*wire_id, {.ending = Ending::answered, .error = &error});
}

}  // namespace stdiogate
