#include "stdiogate/request_id.h"

#include "src/json/elements.h"
#include "src/router/state.h"

// The rules for lines of the client, and for the requests in them.
namespace stdiogate {

Ending ending_of(Reason reason) {
  if (reason == Reason::shutting_down) return Ending::shutting_down;
  const bool is_gone = reason == Reason::server_exited || reason == Reason::server_not_started;
  return is_gone ? Ending::server_gone : Ending::refused;
}

/// Arrays are taken apart: MCP had batches in 2025-03-26 alone (basic/index), other protocols of
/// JSON-RPC 2.0 have them still.
void Router::State::client_batch(std::string_view line) {
  const std::size_t count = json::Parts(line).count();
  if (count == 0) return refuse_line({kInvalidRequest, "the batch is empty", {}}, "", 0);
  static_assert(kMaxElements == 65536);
  if (count > kMaxElements)
    return refuse_line({kInvalidRequest, "the batch has more than 65536 elements", {}}, "", 0);
  const Batches::Number batch = batches.open();
  for (json::Parts elements(line); elements.next();) {
    client_message(parse(elements.value), batch);
    after_line();  // a slot that a cancel has freed is not for the next element
  }
  batches.close(batch);
}

void Router::State::client_message(const Message& message, Batches::Number batch) {
  switch (message.kind) {
    case MessageKind::request: return client_request(message, batch);
    case MessageKind::notification: return client_notification(message);
    case MessageKind::response: return client_response(message, batch);
    case MessageKind::batch:
      return batch == 0 ? client_batch(message.line)
                        : refuse_line({kInvalidRequest, "a batch within a batch", {}}, "", batch);
    case MessageKind::invalid: return client_invalid(message, batch);
  }
}

void Router::State::client_request(const Message& message, Batches::Number batch) {
  const std::uint32_t method = methods.number_of(message.method);
  // What a slot keeps is bounded: a token beyond that is passed on, and moves no deadline.
  const std::string_view token = message.requested_token;
  const bool keeps_token = is_id(token) && token.size() <= MessageParser::kMaxIdLength;
  const RequestTable::NewRequest request{
      .id = message.id,
      .token = keeps_token ? token : "",
      .texts = texts_of(message, method),
      .id_offset = static_cast<std::size_t>(message.id.data() - message.line.data()),
      .line_size = size_of(message.line),
      .arrived = moment(),
      .method = method,
      .may_use_reserve = methods[method].may_use_reserve,
      .server = serving.value_or(0),
      .sequence = ++arrivals,
      .timeout = methods.timeout(method, message.name),
      .max_timeout = config.max_timeout};
  const bool fits = batches.add(batch);
  if (!refusing) note_request(message, request);
  const auto finish = [this, batch](const Request& finished, const Outcome& outcome) {
    finish_client_request(finished, outcome, batch);
  };
  if (!refusing && fits && takes_requests() && of_client.has_room(request.may_use_reserve))
    return hand_over(message.line, request, finish);
  note_duplicate(request, of_client.newest(request.id) != nullptr);
  if (refusing) return refuse_request(request, *refusing, batch);
  if (!fits) return refuse_request(request, batches.refusal(batch), batch);
  // While no server takes it, the queue has one more place for each slot, the reserve included.
  const std::uint32_t places =
      takes_requests() ? config.queue : config.queue + of_client.capacity();
  Request waits = RequestTable::unsent(request, message.line, now, finish);
  waits.queued = Duration::zero();
  if (!waiting.push(std::move(waits), places))
    return refuse_request(request, limit_error(config.max_in_flight), batch);
  report({.kind = EventKind::request_queued,
          .method_number = method,
          .id = message.id,
          .method = methods[method].name});
}

void Router::State::refuse_request(const RequestTable::NewRequest& request, const GateError& error,
                                   Batches::Number batch) {
  const Request refused = RequestTable::unsent(request, "", now, {});
  finish_client_request(refused, {.ending = ending_of(error.reason), .error = &error}, batch);
}

/// Reports once a run that two requests have the same id. `is_open`: an open request has this id.
void Router::State::note_duplicate(const RequestTable::NewRequest& request, bool is_open) {
  const bool repeats = is_open || (waiting.size() > 0 && waiting.newest(request.id));
  if (!repeats || !told_of_client.first(EventKind::duplicate_id)) return;
  report(
      {.kind = EventKind::duplicate_id, .id = request.id, .method = methods[request.method].name});
}

/// Opens the request, for which there is room, and sends it to its server.
void Router::State::hand_over(std::string_view line, const RequestTable::NewRequest& request,
                              Continuation continuation, bool was_opened) {
  Link& link = links[request.server];
  const bool keeps = methods[request.method].keeps_line && may_keep(request.method, line.size());
  const std::string_view kept = keeps ? line : "";
  const std::uint64_t wire_id = of_client.open(request, now, std::move(continuation), kept);
  note_duplicate(request, of_client.repeats_id(wire_id));
  open_bytes += kept.size();
  ++(request.method == Methods::kListen ? listening : link.awaited);
  initializing += request.method == Methods::kInitialize;
  const std::string_view id = line.substr(request.id_offset, request.id.size());
  append_renamed(*link.writer, line, id, wire_id);
  report({.kind = EventKind::request_opened,
          .was_opened = was_opened,
          .wire_id = wire_id,
          .method_number = request.method,
          .id = request.id,
          .method = methods[request.method].name});
}

/// Undoes what `hand_over` counted for the request.
void Router::State::note_closed(const Request& request) {
  --(request.method == Methods::kListen ? listening : links[request.server].awaited);
  initializing -= request.method == Methods::kInitialize;
  open_bytes -= request.line.size();
}

/// Remembers its token: the server may go on sending progress that the client no longer expects.
void Router::State::forget_token(const Request& request) {
  if (!request.token().empty()) ended_tokens.add(request.token());
  if (request.is_named_by_token) ended_tokens.add(EndedTokens::named(request.wire_id));
}

/// A request has its outcome; if its wire id is 0 it waited, or was refused.
void Router::State::finish_client_request(const Request& request, const Outcome& outcome,
                                          Batches::Number batch) {
  answer_bytes.reset();
  if (request.wire_id != 0) {
    note_closed(request);
    if (outcome.answer) note_answer(request, outcome);
    if (outcome.ending != Ending::answered) forget_token(request);
    if (request.method == Methods::kInitialize && initializing == 0) unconfirmed.clear();
  }
  if (!outcome.answer || batches.fits(batch, outcome.answer->line))
    return tell_client(request, outcome, batch);
  const GateError error = line_too_long_error(kMaxGathered);
  tell_client(request, {.ending = outcome.ending, .error = &error}, batch);
}

void Router::State::tell_client(const Request& request, const Outcome& outcome,
                                Batches::Number batch) {
  if (outcome.answer) {
    answer_client(request, outcome, batch);
  } else if (outcome.error) {
    reply_client(request.id(), *outcome.error, batch);
  }
  batches.close(batch);
  report_end(request, outcome, false);
}

void Router::State::answer_client(const Request& request, const Outcome& outcome,
                                  Batches::Number batch) {
  Edits edits(outcome.answer->line);
  edits.add(outcome.answer->id, request.id());
  // MCP 2026-07-28, basic/patterns/subscriptions: the result of a listen names it once more.
  const std::string_view inner = outcome.answer->subscription_id;
  if (request.method == Methods::kListen && is_id(inner) && whole_number(inner) == request.wire_id)
    edits.add(inner, request.id());
  if (config.observe_details) answer_bytes = edited_size(outcome.answer->line, edits.all());
  batches.answer(batch, outcome.answer->line, edits.all());
}

void Router::State::reply_client(std::string_view id, const GateError& error,
                                 Batches::Number batch) {
  batches.reply(batch, error_reply(id, error));
}

void Router::State::refuse_line(const Fault& fault, std::string_view id, Batches::Number batch) {
  const GateError error = invalid_error(fault);
  report({.kind = EventKind::invalid_line, .id = id, .detail = error.message});
  reply_client(id, error, batch);
}

void Router::State::client_notification(const Message& message) {
  if (refusing) return;
  if (const auto cancel = cancel_in(message)) return client_cancel(message, *cancel);
  notify_server(message.line, message.method);
}

// MCP 2025-11-25, basic/utilities/cancellation: a cancel that names nothing open is a race and is
// to be ignored; initialize must not be cancelled.
void Router::State::client_cancel(const Message& message, const Cancel& cancel) {
  const auto [id, is_ambiguous, ends_request] = cancel;
  const bool usable = is_id(id) && !is_ambiguous;
  const Request* request = usable ? named_by_client(id) : nullptr;
  if (usable && !request) request = named_by_client(other_form(id));
  if (!request || (ends_request && request->method == Methods::kInitialize))
    return report_dropped(EventKind::cancel_dropped, message, id, false);
  if (request->wire_id == 0) {
    // In protocols that answer a cancelled request ($/cancelRequest) the server would do it so.
    const GateError error = cancelled_error();
    return end_waiting(*request, Ending::cancelled, ends_request ? nullptr : &error);
  }
  const std::uint64_t wire_id = request->wire_id;
  append_renamed(*links[request->server].writer, message.line, id, wire_id);
  if (ends_request) of_client.complete(wire_id, {.ending = Ending::cancelled});
}

/// The newest of its requests with this id, open or waiting; null if there is none.
const Request* Router::State::named_by_client(std::string_view id) const {
  if (id.empty()) return nullptr;
  const Request* waits = waiting.newest(id);
  const Request* open = of_client.newest(id);
  return waits && (!open || waits->sequence > open->sequence) ? waits : open;
}

void Router::State::client_response(const Message& message, Batches::Number batch) {
  if (message.id.empty())
    return refuse_line({kInvalidRequest, "it is a response without an \"id\"", {}}, "", batch);
  const std::uint64_t wire_id = is_id(message.id) ? whole_number(message.id) : 0;
  const Outcome outcome{.ending = Ending::answered, .answer = &message};
  if (of_server.complete(wire_id, outcome)) return;
  report_dropped_answer(message, false);
}

void Router::State::do_what_is_possible() {
  settle_opening();
  if (serving && !takes_requests()) {
    waiting.server_serves(now);
    set_up(*serving);
  }
  serve_queue();
}

/// Hands over those that wait, as far as there are slots: the quick ones, then the slow ones, each
/// in the order they came.
void Router::State::serve_queue() {
  if (waiting.size() == 0 || !takes_requests()) return;
  for (const bool may_use_reserve : {true, false}) {
    for (const Request* next = waiting.first(may_use_reserve);
         next && of_client.has_room(may_use_reserve); next = waiting.first(may_use_reserve))
      hand_over_waiting(*next);
  }
}

void Router::State::hand_over_waiting(const Request& next) {
  Request request = waiting.take(next);
  const RequestTexts kept = request.texts();
  hand_over(request.line,
            {.id = request.id(),
             .token = request.token(),
             .texts = &kept,
             .id_offset = request.id_offset,
             .line_size = request.line_size,
             .arrived = request.arrived,
             .queued = request.was_sent_as != 0 ? request.queued : moment() - request.arrived,
             .method = request.method,
             .may_use_reserve = request.may_use_reserve,
             .was_read = request.was_read,
             .server = *serving,
             .sequence = request.sequence,
             .timeout = request.timeout,
             .max_timeout = config.max_timeout},
            std::move(request.continuation), request.was_sent_as != 0);
}

/// One that waits has its outcome. It may be sent again only if no server has had it.
void Router::State::end_waiting(const Request& request, Ending ending, const GateError* error) {
  const Request ended = waiting.take(request);
  GateError told = error ? *error : GateError{};
  told.retryable = told.retryable && !ended.was_read;
  ended.continuation(ended, {.ending = ending, .error = error ? &told : nullptr});
}

}  // namespace stdiogate
