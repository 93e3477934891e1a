#include "stdiogate/request_id.h"

#include "src/router/state.h"

// The rules for lines of the client.
namespace stdiogate {

void Router::State::client_message(std::string_view line, const Message& message,
                                   std::uint64_t batch) {
  switch (message.kind) {
    case MessageKind::request: return client_request(line, message, batch);
    case MessageKind::notification: return client_notification(line, message);
    case MessageKind::response: return client_response(line, message, batch);
    case MessageKind::batch: return refuse_line({-32600, "a batch within a batch", {}}, "", batch);
    case MessageKind::invalid: return refuse_line(message.fault, message.id, batch);
  }
}

void Router::State::client_request(std::string_view line, const Message& message,
                                   std::uint64_t batch) {
  const std::uint32_t method = methods.number_of(message.method);
  // What a slot keeps is bounded: a token beyond that is passed on, and moves no deadline.
  const std::string_view token = message.requested_token;
  const bool keeps_token = is_id(token) && token.size() <= MessageParser::kMaxIdLength;
  const RequestTable::NewRequest request{.id = message.id,
                                         .token = keeps_token ? token : "",
                                         .method = method,
                                         .may_use_reserve = methods[method].may_use_reserve,
                                         .server = serving.value_or(0),
                                         .sequence = ++arrivals,
                                         .timeout = methods.timeout(method, message.name),
                                         .max_timeout = config.max_timeout};
  if (batch != 0) ++open_batch(batch).open;
  const std::size_t id_offset = static_cast<std::size_t>(message.id.data() - line.data());
  if (method == Methods::kInitialize && !refusing)
    note_initialize(line, id_offset, message.id.size());
  const bool batch_refuses = batch != 0 && open_batch(batch).refuses;
  const bool refuses = refusing || batch_refuses;
  const bool goes = !refuses && serving && of_client.has_room(request.may_use_reserve);
  if (!goes || queue.size() > 0)
    note_duplicate(message, of_client.newest(message.id) || queue.newest(message.id));
  if (goes) {
    hand_over(line, id_offset, request, batch == 0 ? finish_alone : finish(batch));
    return note_duplicate(message, of_client.last_repeats_id());
  }
  if (!refuses && queue.push(request, line, places(), now, finish(batch)))
    return report({.kind = EventKind::request_queued,
                   .method_number = method,
                   .id = message.id,
                   .method = methods[method].name});
  Request refused;
  refused.start = now;
  refused.method = method;
  refused.text = message.id;
  refused.id_length = static_cast<std::uint16_t>(message.id.size());
  const GateError error = refusing        ? *refusing
                          : batch_refuses ? limit_error(kMaxOpenBatches, "batches")
                                          : limit_error(config.max_in_flight);
  finish_client_request(refused, {.ending = Ending::refused, .error = &error}, batch);
}

/// Says once a run that two open requests have one id.
void Router::State::note_duplicate(const Message& message, bool duplicate) {
  if (!duplicate || told_of_duplicate) return;
  told_of_duplicate = true;
  report({.kind = EventKind::duplicate_id, .id = message.id, .method = message.method});
}

/// Opens the request, for which there is room, and sends it to its server.
void Router::State::hand_over(std::string_view line, std::size_t id_offset,
                              const RequestTable::NewRequest& request,
                              const Continuation& continuation) {
  Link& link = links[request.server];
  const std::uint64_t wire_id = of_client.open(request, now, continuation);
  const bool listens = request.method == Methods::kListen;
  ++(listens ? listening : link.awaited);
  initializing += request.method == Methods::kInitialize;
  const WireId wire_text(wire_id);
  Edits edits(line);
  edits.add(line.substr(id_offset, request.id.size()), wire_text.text());
  link.writer->append(line, edits.all());
  report({.kind = EventKind::request_opened,
          .wire_id = wire_id,
          .method_number = request.method,
          .id = request.id,
          .method = methods[request.method].name});
}

Continuation Router::State::finish(std::uint64_t batch) {
  return [this, batch](const Request& request, const Outcome& outcome) {
    finish_client_request(request, outcome, batch);
  };
}

void Router::State::finish_client_request(const Request& request, const Outcome& outcome,
                                          std::uint64_t batch) {
  const bool handed_over = request.wire_id != 0;
  if (handed_over)
    --(request.method == Methods::kListen ? listening : links[request.server].awaited);
  if (handed_over && request.method == Methods::kInitialize) {
    --initializing;
    note_initialize_answer(outcome);
  }
  if (outcome.answer && batch != 0 && !fits_in_batch(outcome.line)) {
    tell_client(request.id(), line_too_long_error(kMaxGathered), batch);
  } else if (outcome.answer) {
    Edits edits(outcome.line);
    edits.add(outcome.answer->id, request.id());
    // MCP 2026-07-28, basic/patterns/subscriptions: the result of a listen names it once more.
    const std::string_view inner = outcome.answer->subscription_id;
    if (is_id(inner) && whole_number(inner) == request.wire_id)
      edits.add(inner, request.id());
    answer_client(outcome.line, edits.all(), batch);
  } else if (outcome.error) {
    tell_client(request.id(), *outcome.error, batch);
  }
  if (batch != 0) close_in_batch(batch);
  report_end(request, outcome, false);
}

void Router::State::tell_client(std::string_view id, const GateError& error, std::uint64_t batch) {
  scratch.clear();
  append_error_response(scratch, id, error);
  answer_client(scratch, {}, batch);
  if (batch == 0) {
    to_client.note_replies(scratch.size() + 1);
  } else {
    open_batch(batch).replies += scratch.size();
  }
}

void Router::State::refuse_line(const Fault& fault, std::string_view id, std::uint64_t batch) {
  const GateError error = invalid_error(fault);
  report({.kind = EventKind::invalid_line, .id = id, .detail = error.message});
  tell_client(id, error, batch);
}

void Router::State::client_notification(std::string_view line, const Message& message) {
  if (refusing) return;
  if (message.method == "notifications/cancelled")
    return client_cancel(line, message, message.request_id, true);
  // The Agent Client Protocol's, and LSP's: their requests are answered all the same.
  if (message.method == "$/cancel_request")
    return client_cancel(line, message, message.request_id, false);
  if (message.method == "$/cancelRequest")
    return client_cancel(line, message, message.params_id, false);
  notify_server(line, message.method == "notifications/initialized");
}

// MCP 2025-11-25, basic/utilities/cancellation: a cancel that names nothing open is a race and is
// to be ignored; initialize must not be cancelled.
void Router::State::client_cancel(std::string_view line, const Message& message,
                                  std::string_view id, bool ends_request) {
  const bool usable = is_id(id) && !message.ambiguous;
  const Request* waiting = usable ? queue.newest(id) : nullptr;
  const Request* request = usable ? of_client.newest(id) : nullptr;
  if (waiting && (!request || waiting->sequence > request->sequence)) request = waiting;
  if (!request || (ends_request && request->method == Methods::kInitialize))
    return report({.kind = EventKind::cancel_dropped, .id = id, .method = message.method});
  if (request == waiting) {
    // Where a cancelled request is answered the server would do it so.
    const GateError error = cancelled_error();
    return end_waiting(*waiting, Ending::cancelled, ends_request ? nullptr : &error);
  }
  const std::uint64_t wire_id = request->wire_id;
  const WireId wire_text(wire_id);
  Edits edits(line);
  edits.add(id, wire_text.text());
  links[request->server].writer->append(line, edits.all());
  if (ends_request) of_client.complete(wire_id, {.ending = Ending::cancelled});
}

void Router::State::client_response(std::string_view line, const Message& message,
                                    std::uint64_t batch) {
  if (message.id.empty())
    return refuse_line({-32600, "it answers, but has no \"id\"", {}}, "", batch);
  const std::uint64_t wire_id = is_id(message.id) ? whole_number(message.id) : 0;
  const Outcome outcome{.ending = Ending::answered, .line = line, .answer = &message};
  if (of_server.complete(wire_id, outcome)) return;
  report_dropped_answer(message, false, of_server.is_past(wire_id));
}

/// How many may wait now: those of the queue, and while no server serves as many as have slots.
std::uint32_t Router::State::places() const {
  return serving ? config.queue : config.queue + config.max_in_flight + kReserve;
}

/// Hands over those that wait, in the order they came, as far as there are slots.
void Router::State::serve_queue() {
  if (is_any_up && initializing == 0) settle_opening();
  if (queue.size() == 0 || !serving) return;
  for (const bool may_use_reserve : {true, false})
    serve_queue(may_use_reserve);
}

void Router::State::serve_queue(bool may_use_reserve) {
  for (const Request* next = queue.first(may_use_reserve);
       next && of_client.has_room(may_use_reserve); next = queue.first(may_use_reserve))
    hand_over_waiting(*next);
}

void Router::State::hand_over_waiting(const Request& next) {
  const RequestQueue::Waiting waiting = queue.take(next);
  const Request& request = waiting.request;
  hand_over(waiting.line, waiting.id_offset,
            {.id = request.id(),
             .token = request.token(),
             .method = request.method,
             .may_use_reserve = request.may_use_reserve,
             .server = *serving,
             .sequence = request.sequence,
             .timeout = waiting.timeout,
             .max_timeout = config.max_timeout},
            request.continuation);
}

/// One that waits has its outcome without the server ever having seen it.
void Router::State::end_waiting(const Request& request, Ending ending, const GateError* error) {
  RequestQueue::Waiting waiting = queue.take(request);
  waiting.request.continuation(waiting.request, {.ending = ending, .error = error});
}

}  // namespace stdiogate
