#include "tests/proof/simulation/actors.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/proof/simulation/random.h"

namespace stdiogate::simulation {

namespace {

/// Few values for most, so that they meet.
Id chosen_id(std::uint32_t which, std::uint32_t spelling) {
  return some_id(which % 2 == 0 ? which / 2 % 16 : which / 2, spelling);
}

Id chosen_token(std::uint32_t which, std::uint32_t spelling) {
  return some_id(which % 6, spelling);
}

/// The oldest, the newest or any of those that fit; null if there is none.
template <class Fits>
const Asked* chosen(const std::vector<Asked>& list, std::uint32_t which, Fits fits) {
  const auto count = static_cast<std::uint32_t>(std::ranges::count_if(list, fits));
  if (count == 0) return nullptr;
  const std::uint32_t any = which / 4 % count;
  std::uint32_t left = which % 4 == 0 ? 0 : which % 4 == 1 ? count - 1 : any;
  const auto is_it = [&](const Asked& asked) { return fits(asked) && left-- == 0; };
  return &*std::ranges::find_if(list, is_it);
}

bool is_not_own(const Asked& asked) {
  return !asked.is_own;
}

Terms some_terms(std::uint32_t which) {
  constexpr std::string_view kVersions[] = {"", "2025-06-18", "2025-11-25"};
  return {.version = kVersions[std::min(which % 16, 2u)], .lists = which / 16 % 8};
}

constexpr std::string_view kNoIds[] = {
    "null", "true", "[1]", "{}", "-34", "34.5", "99999999999999999999", "\"\"", "1e-400"};

/// What servers ask.
constexpr Method kAsked[] = {Method::prompt, Method::prompt, Method::elicit, Method::ping};

Step random_step(Random& random, Op op) {
  const std::uint64_t bits = random.next();
  return {.op = op,
          .a = static_cast<std::uint32_t>(bits & 0xffff),
          .b = static_cast<std::uint32_t>(bits >> 16 & 0xffff),
          .c = static_cast<std::uint32_t>(bits >> 32 & 0xffff)};
}

Random random_of(const Step& step) {
  return Random(std::uint64_t{step.a} << 32 | std::uint64_t{step.b} << 16 | step.c);
}

}  // namespace

Sent Actors::line(const Step& step, Router::ServerNumber server) {
  ++marker_;
  server_ = server;
  return is_of_client(step.op) ? client_line(step) : server_line(step);
}

Sent Actors::client_line(const Step& step) {
  switch (step.op) {
    case Op::client_request: return client_request(step);
    case Op::client_cancel: return cancel(cancelled_by_client(step), marker_);
    case Op::client_soft_cancel: return soft_cancel(cancelled_by_client(step), marker_);
    case Op::client_answer:
      return answer(answered_by_client(step), step.b % 4 == 0, {}, marker_, step.c);
    case Op::client_invalid:
      if (step.b % 4 != 0) return invalid(step.a, false);
      return broken(answer(answered_by_client(step), step.b % 8 == 0, {}, marker_, step.c));
    case Op::client_batch: return client_batch(step);
    case Op::client_blank: return blank(step.a);
    case Op::client_initialized: return initialized(marker_);
    case Op::client_giant: return giant(client_request(step), step);
    case Op::client_notification: return notification(marker_, {});
    default: throw std::logic_error("no line of the client's is known for this step");
  }
}

Sent Actors::server_line(const Step& step) {
  switch (step.op) {
    case Op::server_answer: return server_answer(step);
    case Op::server_late_answer:
      return answer(past_wire_id(step), step.c % 4 == 0, {}, marker_, step.c);
    case Op::server_stray_answer: {
      const Id id = step.b % 2 == 0 ? Id{.text = std::string(kNoIds[step.a % std::size(kNoIds)])}
                                    : chosen_id(step.a, step.c);
      return answer(id, false, {}, marker_, step.c);
    }
    case Op::server_progress: return server_progress(step);
    case Op::server_request:
      return request(chosen_id(step.a, step.b), kAsked[step.b / 64 % std::size(kAsked)], {},
                     marker_, step.c);
    case Op::server_flood: return server_flood(step);
    case Op::server_cancel: return cancel(cancelled_by_server(step), marker_);
    case Op::server_soft_cancel: return soft_cancel(cancelled_by_server(step), marker_);
    case Op::server_noise: return server_noise(step);
    case Op::server_batch: return server_batch(step);
    case Op::server_anonymous_error: return anonymous_error(marker_);
    case Op::server_giant: return giant(server_answer(step), step);
    case Op::server_notification: return notification(marker_, subscription(step));
    default: throw std::logic_error("no line of a server's is known for this step");
  }
}

Sent Actors::server_noise(const Step& step) {
  if (step.a % 8 == 0) return blank(step.b);
  if (step.a % 4 != 1) return invalid(step.b, false);
  Sent sent = server_answer(step);
  return sent.say == Say::answer ? broken(std::move(sent)) : sent;
}

Sent Actors::client_request(const Step& step) {
  const Id token = step.c % 3 == 0 ? chosen_token(step.c / 3, step.c / 32) : Id{};
  const auto method = static_cast<Method>(step.b % kMethods);
  return request(chosen_id(step.a, step.b / 16), method, token, marker_, step.c / 16);
}

Sent Actors::server_answer(const Step& step) {
  const Asked* asked = asked_of_server(step.a);
  if (!asked) return notification(marker_, {});
  const std::uint64_t number = model_.wire_ids[asked->serial];
  if (asked->sent.method == Method::start && step.c % 5 != 0)
    return agreement(wire_id(number, step.b / 8), some_terms(step.c / 8), marker_);
  const bool is_listen = asked->sent.method == Method::listen;
  const Id named = is_listen && step.b % 2 == 0 ? wire_id(number, step.c / 8) : Id{};
  return answer(wire_id(number, step.b / 8), step.c % 5 == 0, named, marker_, step.c);
}

/// Mostly of this one, and sometimes of any: a server may say what it likes.
const Asked* Actors::asked_of_server(std::uint32_t which) const {
  const bool any = which / 64 % 8 == 0;
  return chosen(model_.open, which,
                [&](const Asked& asked) { return any || asked.server == server_; });
}

Sent Actors::server_progress(const Step& step) {
  const Asked* asked = asked_of_server(step.a);
  if (asked && step.c % 4 == 1)
    return progress(wire_id(model_.wire_ids[asked->serial], step.b), marker_);
  const bool known = asked && !asked->sent.token.text.empty() && step.c % 4 != 0;
  return progress(known ? asked->sent.token : chosen_token(step.a, step.b), marker_);
}

Sent Actors::giant(Sent sent, const Step& step) const {
  if (sent.say == Say::notification) return sent;
  // Around a small --max-line, else large enough to be lent, not copied.
  const bool small = config_.max_line < kSmallMaxLine;
  constexpr std::size_t kAround[] = {0, 1, 2, 3, 4, 500, 3000};
  pad(sent, small ? config_.max_line - 2 + kAround[step.a % 7] : 15'000 + step.a % 30'000);
  return sent;
}

Id Actors::cancelled_by_client(const Step& step) const {
  const auto& list = step.c % 3 == 0 ? model_.waiting : model_.open;
  const Asked* asked = step.b % 3 != 0 ? chosen(list, step.a, is_not_own) : nullptr;
  return asked ? asked->sent.id : chosen_id(step.a, step.b);
}

Id Actors::cancelled_by_server(const Step& step) const {
  const Asked* own = chosen(model_.server_open, step.a, is_not_own);
  if (own && step.b % 3 == 0) return own->sent.id;
  const Asked* asked = asked_of_server(step.a);
  if (asked && step.b % 3 == 1) return wire_id(model_.wire_ids[asked->serial], step.c);
  return step.c % 2 == 0 ? past_wire_id(step) : chosen_id(step.a, step.c);
}

Id Actors::answered_by_client(const Step& step) const {
  const Asked* asked = chosen(model_.server_open, step.a, is_not_own);
  if (asked && step.b % 4 != 3)
    return wire_id(model_.server_wire_ids[asked->serial], step.c / 4 % 8 == 0 ? 1 + step.c % 3 : 0);
  if (model_.server_wire_ids.empty() || step.c % 2 == 0) return chosen_id(step.a, step.c);
  return wire_id(model_.server_wire_ids[step.a % model_.server_wire_ids.size()], 0);
}

Id Actors::past_wire_id(const Step& step) const {
  if (model_.wire_ids.empty()) return chosen_id(step.a, step.c);
  return wire_id(model_.wire_ids[step.a % model_.wire_ids.size()], step.b);
}

Id Actors::subscription(const Step& step) const {
  if (step.b % 2 == 0) return {};
  const Asked* asked = nullptr;
  for (const Asked& other : model_.open) {
    if (other.sent.method == Method::listen || other.is_own) asked = &other;
  }
  if (asked && step.b % 4 == 1) return wire_id(model_.wire_ids[asked->serial], step.c);
  return past_wire_id(step);
}

Sent Actors::client_batch(const Step& step) {
  if (config_.max_line < kSmallMaxLine) return client_request(step);
  Random random = random_of(step);
  if (random.one_in(500))
    return batch(std::vector<Sent>(Router::kMaxBatch - 1 + random.below(3), invalid(1, true)), 0);
  std::vector<Sent> elements(random.one_in(40) ? 40 : random.below(6));
  for (Sent& element : elements) {
    constexpr Op kOpsOfElements[] = {
        Op::client_request, Op::client_request, Op::client_request,    Op::client_notification,
        Op::client_cancel,  Op::client_answer,  Op::client_soft_cancel};
    const std::uint32_t which = random.below(10);
    if (which < 7) {
      element = line(random_step(random, kOpsOfElements[which]), server_);
    } else if (which < 9) {
      element = invalid(random.below(100), true);
    } else {
      element = batch({}, 0);
    }
  }
  return batch(std::move(elements), step.a);
}

Sent Actors::server_batch(const Step& step) {
  // Its first element could have requests handed over whose wire ids nobody has seen yet, and the
  // next one guess them.
  if (model_.states[server_] == Router::ServerState::opening) return server_answer(step);
  Random random = random_of(step);
  std::vector<Sent> elements(random.below(6));
  for (Sent& element : elements) {
    constexpr Op kOpsOfElements[] = {
        Op::server_answer,  Op::server_answer, Op::server_late_answer, Op::server_notification,
        Op::server_request, Op::server_cancel, Op::server_progress};
    const std::uint32_t which = random.below(9);
    if (which < 7) {
      element = line(random_step(random, kOpsOfElements[which]), server_);
    } else if (which < 8) {
      element = invalid(random.below(100), true);
    } else {
      element = batch({}, 0);
    }
  }
  return batch(std::move(elements), step.a);
}

Sent Actors::server_flood(const Step& step) {
  std::vector<Sent> elements(model_.ended() ? 0 : 100 + step.a % 200);
  for (Sent& element : elements) {
    ++marker_;
    element = request(chosen_id(marker_, 0), Method::prompt, {}, marker_, 0);
  }
  return batch(std::move(elements), 0);
}

}  // namespace stdiogate::simulation
