#include "src/gate/restart_policy.h"

#include "src/limits.h"
#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Next = RestartPolicy::Next;

constexpr Time kNow{std::chrono::hours(1)};

RestartPolicy working(RestartMode mode, std::uint32_t most) {
  RestartPolicy policy(mode, most);
  policy.note_answer();
  return policy;
}

/// The pause after another failure of a command that works; zero if there is no restart.
Duration pause(RestartPolicy& policy, Time now = kNow) {
  const auto [next, delay] = policy.next(true, true, now);
  CHECK((next == Next::later) == (delay != 0s));
  return delay;
}

TEST_CASE("restart_policy: never is never; after a goodbye only always, when a line needs it") {
  auto never = working(RestartMode::never, 5);
  CHECK(never.next(true, true, kNow).next == Next::none);
  auto always = working(RestartMode::always, 5);
  CHECK(always.next(false, false, kNow).next == Next::when_needed);
  CHECK(always.next(false, false, kNow).delay == 0s);
  auto on_failure = working(RestartMode::on_failure, 5);
  CHECK(on_failure.next(false, true, kNow).next == Next::none);
  CHECK(on_failure.next(true, false, kNow).next == Next::later);
}

TEST_CASE("restart_policy: the pause doubles up to five seconds") {
  auto policy = working(RestartMode::on_failure, 100);
  for (const Duration expected : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms})
    CHECK(pause(policy) == expected);
}

TEST_CASE("restart_policy: as many as allowed within a minute, and then no more") {
  auto policy = working(RestartMode::on_failure, 2);
  CHECK(pause(policy) > 0s);
  CHECK(pause(policy, kNow + 30s) > 0s);
  CHECK(policy.next(true, true, kNow + 59s).next == Next::give_up);
}

TEST_CASE("restart_policy: what is a minute ago is forgotten, its pause too") {
  auto policy = working(RestartMode::on_failure, 2);
  CHECK(pause(policy) == 100ms);
  CHECK(pause(policy, kNow + 30s) == 200ms);
  CHECK(pause(policy, kNow + 60s) == 200ms);
  CHECK(pause(policy, kNow + 200s) == 100ms);
}

TEST_CASE("restart_policy: a maximum of zero allows no restart") {
  auto policy = working(RestartMode::always, 0);
  CHECK(policy.next(true, true, kNow).next == Next::give_up);
}

TEST_CASE("restart_policy: before any answer there is one more start, if a request waits for it") {
  RestartPolicy policy(RestartMode::on_failure, 5);
  CHECK(policy.next(true, true, kNow).next == Next::later);
  CHECK(policy.next(true, true, kNow + 1s).next == Next::give_up);
  RestartPolicy helped(RestartMode::on_failure, 5);
  CHECK(helped.next(true, true, kNow).next == Next::later);
  helped.note_answer();
  CHECK(helped.next(true, true, kNow + 1s).next == Next::later);
}

TEST_CASE("restart_policy: before any answer, and while nobody waits, it waits for a request") {
  RestartPolicy policy(RestartMode::on_failure, 5);
  const auto [next, delay] = policy.next(true, false, kNow);
  CHECK(next == Next::when_needed);
  CHECK(delay == kNobodyWaits);
  RestartPolicy always(RestartMode::always, 5);
  CHECK(always.next(true, false, kNow).next == Next::when_needed);
  CHECK(always.next(true, false, kNow).next == Next::give_up);
}

}  // namespace
}  // namespace stdiogate
