#include "stdiogate/request_id.h"

#include "src/json/elements.h"
#include "src/limits.h"
#include "src/router/state.h"

// The rules for lines of a server, and for the requests in them.
namespace stdiogate {

void Router::State::server_batch(std::string_view line) {
  const std::size_t count = json::Parts(line).count();
  if (count == 0 || count > kMaxElements) return note_noise(line);
  for (json::Parts elements(line); elements.next();)
    server_message(parse(elements.value), true);
}

void Router::State::server_message(const Message& message, bool in_array) {
  switch (message.kind) {
    case MessageKind::request: return server_request(message);
    case MessageKind::notification: return server_notification(message);
    case MessageKind::response: return server_response(message);
    case MessageKind::batch:
      return in_array ? note_noise(message.line) : server_batch(message.line);
    case MessageKind::invalid: return server_invalid(message, in_array);
  }
}

void Router::State::server_request(const Message& message) {
  const std::uint32_t method = methods.number_of(message.method);
  if (is_echo(message, method)) return note_echo(message);
  if (of_server.open_count() == kMaxServerRequests) forget_oldest_ping();
  const RequestTable::NewRequest request{.id = message.id,
                                         .texts = texts_of(message, method),
                                         .line_size = size_of(message.line),
                                         .arrived = moment(),
                                         .method = method,
                                         .server = sender};
  const std::uint64_t wire_id =
      of_server.open(request, now, [this](const Request& finished, const Outcome& outcome) {
        finish_server_request(finished, outcome);
      });
  if (wire_id == 0) return refuse_server_request(request);
  ++links[sender].asked;
  if (methods[method].is_for_person && ++links[sender].for_person == 1) of_client.hold(sender);
  append_renamed(to_client, message.line, message.id, wire_id);
  report({.kind = EventKind::request_opened,
          .from_server = true,
          .wire_id = wire_id,
          .method_number = method,
          .id = message.id,
          .method = methods[method].name});
}

void Router::State::refuse_server_request(const RequestTable::NewRequest& request) {
  const GateError error = limit_error(kMaxServerRequests);
  links[sender].writer->append(error_reply(request.id, error));
  links[sender].writer->note_replies(scratch.size());
  const Request refused = RequestTable::unsent(request, "", now, {});
  report_end(refused, {.ending = Ending::refused, .error = &error}, true);
  if (!told_of_servers.first(EventKind::server_refused)) return;
  report({.kind = EventKind::server_refused,
          .from_server = true,
          .method = methods[request.method].name});
}

/// Some clients never answer pings: the oldest makes room.
void Router::State::forget_oldest_ping() {
  for (const std::uint64_t wire_id : of_server.open_requests()) {
    if (of_server.find(wire_id)->method != Methods::kPing) continue;
    of_server.complete(wire_id, {.ending = Ending::cancelled});
    return;
  }
}

void Router::State::finish_server_request(const Request& request, const Outcome& outcome) {
  Link& link = links[request.server];
  --link.asked;
  if (methods[request.method].is_for_person && --link.for_person == 0)
    of_client.resume(request.server, now);
  // A question that nobody is interested in any more.
  if (outcome.ending == Ending::server_gone)
    to_client.append(cancel(request.wire_id, "The server has ended"));
  // Only the queue of the server that serves stops the client's lane. For others this is the bound.
  const bool reads_not = serving != request.server && link.writer->size() > kMaxUnreadByRetired;
  answer_bytes.reset();
  if (outcome.answer && !reads_not) {
    Edits edits(outcome.answer->line);
    edits.add(outcome.answer->id, request.id());
    answer_bytes = edited_size(outcome.answer->line, edits.all());
    link.writer->append(outcome.answer->line, edits.all());
  } else if (outcome.error && outcome.ending == Ending::answered && !reads_not) {
    link.writer->append(error_reply(request.id(), *outcome.error));
  }
  report_end(request, outcome, true);
}

void Router::State::server_notification(const Message& message) {
  Edits edits(message.line);
  // MCP 2026-07-28, basic/patterns/subscriptions: it says which listen it belongs to.
  if (!message.subscription_id.empty()) {
    const Request* listen =
        message.twice.subscription_id ? nullptr : asked_for_client(message.subscription_id);
    if (!listen)
      return report_dropped(EventKind::notification_dropped, message, message.subscription_id,
                            true);
    edits.add(message.subscription_id, listen->id());
  }
  if (const auto cancel = cancel_in(message)) return server_cancel(message, *cancel, edits);
  if (message.method == "notifications/progress" && is_id(message.progress_token))
    return server_progress(message, edits);
  to_client.append(message.line, edits.all());
}

/// Progress moves the deadline of the request that has asked for it. Servers that take a request's
/// id for its token are understood, too.
void Router::State::server_progress(const Message& message, Edits& edits) {
  const std::string_view token = message.progress_token;
  if (!of_client.progress(token, now)) {
    const Request* named = message.twice.progress_token ? nullptr : asked_for_client(token);
    if (named && named->method != Methods::kListen) {
      of_client.progress(*named, now);
      edits.add(token, named->token().empty() ? named->id() : named->token());
    } else if (ended_tokens.has(token) ||
               ended_tokens.has(EndedTokens::named(whole_number(token)))) {
      return report_dropped(EventKind::notification_dropped, message, token, true);
    }
  }
  to_client.append(message.line, edits.all());
}

/// The open request that the server whose line is judged has under this wire id, in any spelling;
/// null if there is none.
const Request* Router::State::asked_of_sender(std::string_view wire_id) const {
  const Request* request = is_id(wire_id) ? of_client.find(whole_number(wire_id)) : nullptr;
  return request && request->server == sender ? request : nullptr;
}

/// The same, if it is one of the client's.
const Request* Router::State::asked_for_client(std::string_view wire_id) const {
  const Request* request = asked_of_sender(wire_id);
  return request && !request->is_own ? request : nullptr;
}

// A server cancels a request of its own (up to MCP 2025-11-25), or ends a subscriptions/listen of
// the client's (2026-07-28, basic/patterns/cancellation). The same number may name one of each: its
// own comes first.
void Router::State::server_cancel(const Message& message, const Cancel& cancel, Edits& edits) {
  const auto [id, is_ambiguous, ends_request] = cancel;
  const bool usable = is_id(id) && !is_ambiguous;
  const Request* own = usable ? of_server.newest(id, sender) : nullptr;
  const Request* request = usable && !own ? asked_for_client(id) : nullptr;
  const std::string other = usable && !own && !request ? other_form(id) : "";
  if (!other.empty()) own = of_server.newest(other, sender);
  if (own) {
    const std::uint64_t wire_id = own->wire_id;
    const std::string wire_text = std::to_string(wire_id);
    edits.add(id, wire_text);
    to_client.append(message.line, edits.all());
    if (ends_request) of_server.complete(wire_id, {.ending = Ending::cancelled});
    return;
  }
  if (!request) return report_dropped(EventKind::cancel_dropped, message, id, true);
  edits.add(id, request->id());
  to_client.append(message.line, edits.all());
  // Any request other than a listen is still answered.
  if (ends_request && request->method == Methods::kListen)
    of_client.complete(request->wire_id, {.ending = Ending::cancelled});
}

void Router::State::server_response(const Message& message) {
  if (message.id.empty() && !message.has_error) return note_noise(message.line);
  if (message.has_error && (message.id.empty() || message.id == "null")) {
    to_client.append(message.line);
    return report({.kind = EventKind::anonymous_error, .from_server = true});
  }
  const Outcome outcome{.ending = Ending::answered, .answer = &message};
  if (const Request* request = asked_of_sender(message.id)) {
    of_client.complete(request->wire_id, outcome);
    return;
  }
  report_dropped_answer(message, true);
}

}  // namespace stdiogate
