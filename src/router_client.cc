#include "stdiogate/request_id.h"

#include "router_state.h"

// The rules for lines of the client.
namespace stdiogate {

void Router::State::client_request(std::string_view line, const Message& message) {
  const std::uint32_t method = methods.number_of(message.method);
  if (refusing) return refuse_request(message.id, method, *refusing);
  if (!told_of_duplicate && of_client.newest(message.id)) {
    told_of_duplicate = true;
    report({.kind = EventKind::duplicate_id, .id = message.id, .method = message.method});
  }
  const auto wire_id = of_client.open({.id = message.id,
                                       .token = message.requested_token,
                                       .method = method,
                                       .may_use_reserve = methods[method].may_use_reserve,
                                       .timeout = methods.timeout(method, message.name),
                                       .max_timeout = config.max_timeout},
                                      now, [this](const Request& request, const Outcome& outcome) {
                                        finish_client_request(request, outcome);
                                      });
  if (!wire_id) return refuse_request(message.id, method, limit_error(config.max_in_flight));
  if (method == Methods::kListen) ++listening;
  pass(to_server, line, message.id, WireId(*wire_id).text());
  report({.kind = EventKind::request_opened,
          .wire_id = *wire_id,
          .method_number = method,
          .id = message.id,
          .method = methods[method].name});
}

void Router::State::refuse_request(std::string_view id, std::uint32_t method,
                                   const GateError& error) {
  Request request;
  request.start = now;
  request.method = method;
  request.text = id;
  request.id_length = static_cast<std::uint16_t>(id.size());
  finish_client_request(request, {.ending = Ending::refused, .error = &error});
}

void Router::State::finish_client_request(const Request& request, const Outcome& outcome) {
  if (request.method == Methods::kListen && outcome.ending != Ending::refused) --listening;
  if (outcome.answer) {
    pass(to_client, outcome.line, outcome.answer->id, request.id());
  } else if (outcome.error) {
    tell_client(request.id(), *outcome.error);
  }
  report_end(request, outcome, false);
}

void Router::State::tell_client(std::string_view id, const GateError& error) {
  scratch.clear();
  append_error_response(scratch, id, error);
  to_client.append(scratch);
}

void Router::State::refuse_line(const Fault& fault, std::string_view id) {
  const GateError error = invalid_error(fault);
  report({.kind = EventKind::invalid_line, .id = id, .detail = error.message});
  tell_client(id, error);
}

void Router::State::client_notification(std::string_view line, const Message& message) {
  if (refusing) return;
  if (message.method == "notifications/cancelled") return client_cancel(line, message);
  to_server.append(line);
}

// MCP 2025-11-25, basic/utilities/cancellation: a cancel that names nothing open is a race and is
// to be ignored; initialize must not be cancelled.
void Router::State::client_cancel(std::string_view line, const Message& message) {
  const std::string_view id = message.request_id;
  const Request* request = is_id(id) && !message.ambiguous ? of_client.newest(id) : nullptr;
  if (!request || request->method == Methods::kInitialize)
    return report({.kind = EventKind::cancel_dropped, .id = id});
  const std::uint64_t wire_id = request->wire_id;
  pass(to_server, line, id, WireId(wire_id).text());
  of_client.complete(wire_id, {.ending = Ending::cancelled});
}

void Router::State::client_response(std::string_view line, const Message& message) {
  if (message.id.empty()) return refuse_line({-32600, "it answers, but has no \"id\"", {}}, "");
  const auto wire_id = is_id(message.id) ? whole_number(message.id, false) : std::nullopt;
  const Outcome outcome{.ending = Ending::answered, .line = line, .answer = &message};
  if (wire_id && of_server.complete(*wire_id, outcome)) return;
  report_dropped_answer(message, false, wire_id && of_server.is_past(*wire_id));
}

}  // namespace stdiogate
