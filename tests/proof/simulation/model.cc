#include "tests/proof/simulation/model.h"

#include <algorithm>
#include <utility>

namespace stdiogate::simulation {

namespace {

bool may_use_reserve(Method method) {
  return method == Method::start || method == Method::ping || method == Method::listen;
}

}  // namespace

// The client

void Model::client(const Sent& sent, Time now) {
  now_ = now;
  if (sent.line.size() > config_.max_line) {
    end_server_request(sent.say == Say::answer ? sent.id.number : sent.shown);
    invalid(-32600, sent.say == Say::request ? sent.id.text : "", 0);
  } else {
    hear_client(sent, 0);
  }
  serve();
}

void Model::hear_client(const Sent& sent, std::uint32_t batch) {
  switch (sent.say) {
    case Say::request: return ask(sent, batch);
    case Say::blank:
    case Say::notification:
    case Say::progress:
      if (!ended_) notify(sent);
      return;
    case Say::cancel: return cancel(sent);
    case Say::soft_cancel: return soft_cancel(sent);
    case Say::answer: return client_answer(sent, batch);
    case Say::invalid:
      end_server_request(sent.shown);
      return invalid(sent.code, sent.id.text, batch);
    case Say::batch: return batch == 0 ? client_batch(sent) : invalid(-32600, "", batch);
  }
}

void Model::ask(const Sent& sent, std::uint32_t batch) {
  ++counts.requests;
  if (newest_with(open, sent.id) || newest_with(waiting, sent.id)) told_of_duplicate = true;
  if (batch != 0) {
    Batch& gathering = batches_[batch];
    ++gathering.open;
    gathering.refuses = gathering.refuses || ++gathering.requests > Router::kMaxBatch;
  }
  if (sent.method == Method::start && !ended_ && !serving_) {
    wants_new_session_ = session_.is_open && std::ranges::any_of(open, &Asked::is_own);
    if (!wants_new_session_) session_ = {};
  }
  Asked asked{.arrival = ++last_arrival_, .sent = sent, .start = now_, .batch = batch};
  std::size_t bytes = sent.line.size();
  for (const Asked& other : waiting)
    bytes += other.sent.line.size();
  const std::size_t more = serving_ ? 0 : config_.max_in_flight + Router::kReserve;
  if (ended_) {
    ++gone;
    finish(asked, gate_error(sent.id.text, -31003, "server-exited", true));
  } else if (batch != 0 && batches_[batch].refuses) {
    ++counts.refused;
    finish(asked, gate_error(sent.id.text, -31001, "limit", true));
  } else if (serving_ && has_room(asked)) {
    hand_over(std::move(asked));
  } else if (waiting.size() < config_.queue + more && bytes <= config_.queue_bytes) {
    await(asked);
    waiting.push_back(std::move(asked));
    counts.waiting_max = std::max<std::uint64_t>(counts.waiting_max, waiting.size());
  } else {
    ++counts.refused;
    finish(asked, gate_error(sent.id.text, -31001, "limit", true));
  }
}

bool Model::has_room(const Asked& asked) const {
  const std::uint32_t reserved = in_reserve();
  if (may_use_reserve(asked.sent.method) && reserved < Router::kReserve) return true;
  return open.size() - reserved < config_.max_in_flight;
}

std::uint32_t Model::in_reserve() const {
  return static_cast<std::uint32_t>(std::ranges::count_if(open, &Asked::in_reserve));
}

Duration Model::timeout_of(Method method) const {
  switch (method) {
    case Method::listen: return Duration::zero();
    case Method::start: return config_.start_timeout;
    case Method::prompt: return config_.timeout_rules[0].timeout;
    case Method::slow_tool: return config_.timeout_rules[1].timeout;
    case Method::plain:
    case Method::other_tool:
    case Method::elicit:
    case Method::ping: return config_.timeout;
  }
  return {};
}

void Model::hand_over(Asked asked) {
  const Method method = asked.sent.method;
  asked.serial = static_cast<std::uint32_t>(wire_ids.size());
  asked.start = now_;
  asked.in_reserve = may_use_reserve(method) && in_reserve() < Router::kReserve;
  asked.timeout = timeout_of(method);
  asked.deadline.reset();
  asked.server = *serving_;
  if (asked.timeout > Duration::zero()) {
    asked.max_deadline = now_ + std::max(asked.timeout, config_.max_timeout);
    restart(asked);
  }
  wire_ids.push_back(0);
  to_servers[*serving_].push_back(with_wire_id(asked.sent, false, asked.serial));
  open.push_back(std::move(asked));
  counts.in_flight_max = std::max<std::uint64_t>(counts.in_flight_max, in_flight());
}

/// First in, first out, those that may use the reserve and the others each in a line of their own.
void Model::serve() {
  if (!is_opening_session()) session_settled();

  if (!serving_) return;
  for (const bool reserve : {true, false}) {
    for (Asked* next = first_waiting(reserve); next && has_room(*next);
         next = first_waiting(reserve))
      hand_over(taken(waiting, next));
  }
}

/// Those that a lost server had go before the others that may use the reserve.
Asked* Model::first_waiting(bool reserve) {
  Asked* first = nullptr;
  for (Asked& asked : waiting) {
    if (may_use_reserve(asked.sent.method) != reserve) continue;
    if (asked.is_again) return &asked;
    if (!first || asked.arrival < first->arrival) first = &asked;
  }
  return first;
}

Asked* Model::first_waiting() {
  Asked* slow = first_waiting(false);
  Asked* quick = first_waiting(true);
  if (!slow || !quick) return slow ? slow : quick;
  return slow->arrival < quick->arrival ? slow : quick;
}

/// The newest with this id, and whether it waits.
std::pair<Asked*, bool> Model::named(std::uint64_t key) {
  Asked* waits = nullptr;
  for (Asked& asked : waiting) {
    if (asked.sent.id.key == key && (!waits || asked.arrival > waits->arrival)) waits = &asked;
  }
  Asked* asked =
      newest(open, [&](const Asked& other) { return !other.is_own && other.sent.id.key == key; });
  if (waits && (!asked || waits->arrival > asked->arrival)) return {waits, true};
  return {asked, false};
}

std::pair<Asked*, bool> Model::named(const Id& id) {
  const auto found = named(id.key);
  const auto other = other_key(id);
  return found.first || !other ? found : named(*other);
}

void Model::cancel(const Sent& sent) {
  if (ended_) return;
  const auto [asked, waits] = named(sent.id);
  if (!asked || asked->sent.method == Method::start) return;
  ++counts.cancelled;
  if (!waits) to_servers[asked->server].push_back(with_wire_id(sent, false, asked->serial));
  const Asked ended = taken(waits ? waiting : open, asked);
  if (!waits) forget_token(ended);
  close_in_batch(ended.batch);
}

void Model::forget_token(const Asked& asked) {
  if (!asked.sent.token.text.empty()) ended_tokens_.push_back(asked.sent.token.key);
  if (asked.named_by_token) ended_tokens_.push_back(kWireIds + wire_ids[asked.serial]);
}

void Model::soft_cancel(const Sent& sent) {
  if (ended_) return;
  const auto [asked, waits] = named(sent.id);
  if (!asked) return;
  if (!waits) return to_servers[asked->server].push_back(with_wire_id(sent, false, asked->serial));
  ++counts.cancelled;
  const Asked ended = taken(waiting, asked);
  finish(ended, gate_error(ended.sent.id.text, -32800, "cancelled", !ended.is_again));
}

void Model::client_answer(const Sent& sent, std::uint32_t batch) {
  if (sent.id.text.empty()) return invalid(-32600, "", batch);
  Asked* asked = server_open_as(sent.id.number);
  if (!asked) {
    ++counts.stray_answers;
    return;
  }
  to_servers[asked->server].push_back(verbatim(edited(sent, asked->sent.id.text, "")));
  close_question(taken(server_open, asked));
}

/// The client has answered it, but not in a way that can be passed on.
void Model::end_server_request(std::uint64_t wire_id) {
  Asked* asked = wire_id == 0 ? nullptr : server_open_as(wire_id);
  if (!asked) return;
  ++counts.invalid_answers;
  to_servers[asked->server].push_back(
      gate_error(asked->sent.id.text, -31008, "invalid-answer", false));
  close_question(taken(server_open, asked));
}

void Model::client_batch(const Sent& sent) {
  if (sent.elements.empty()) return invalid(-32600, "", 0);
  const std::uint32_t batch = ++last_batch_;
  batches_[batch].refuses = batches_.size() > Router::kMaxOpenBatches;
  for (const Sent& element : sent.elements) {
    hear_client(element, batch);
    serve();
  }
  close_in_batch(batch);
}

void Model::invalid(int code, std::string_view id, std::uint32_t batch) {
  ++counts.invalid_lines;
  answer(batch, gate_error(id, code, "invalid", false));
}

/// Something for the client that belongs to a batch, or to none.
void Model::answer(std::uint32_t batch, Expected expected) {
  (batch == 0 ? to_client : batches_[batch].answers).push_back(std::move(expected));
}

void Model::finish(const Asked& asked, Expected expected) {
  answer(asked.batch, std::move(expected));
  close_in_batch(asked.batch);
}

void Model::close_in_batch(std::uint32_t batch) {
  if (batch == 0 || --batches_[batch].open > 0) return;
  if (!batches_[batch].answers.empty())
    to_client.push_back({.elements = std::move(batches_[batch].answers)});
  batches_.erase(batch);
}

}  // namespace stdiogate::simulation
