#include "src/gate/restart_policy.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

constexpr Time kNow{std::chrono::hours(1)};

TEST_CASE("restart_policy: never is never, always even after a goodbye") {
  RestartPolicy never(RestartMode::never, 5);
  CHECK_FALSE(never.next(true, kNow));
  RestartPolicy always(RestartMode::always, 5);
  CHECK(always.next(false, kNow) == 100ms);
  RestartPolicy on_failure(RestartMode::on_failure, 5);
  CHECK_FALSE(on_failure.next(false, kNow));
  CHECK(on_failure.next(true, kNow) == 100ms);
}

TEST_CASE("restart_policy: the pause doubles up to five seconds") {
  RestartPolicy policy(RestartMode::on_failure, 100);
  for (const Duration pause : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms})
    CHECK(policy.next(true, kNow) == pause);
}

TEST_CASE("restart_policy: so many within a minute, and then no more") {
  RestartPolicy policy(RestartMode::on_failure, 2);
  CHECK(policy.next(true, kNow));
  CHECK(policy.next(true, kNow + 30s));
  CHECK_FALSE(policy.next(true, kNow + 59s));
}

TEST_CASE("restart_policy: what is a minute ago is forgotten, its pause too") {
  RestartPolicy policy(RestartMode::on_failure, 2);
  CHECK(policy.next(true, kNow) == 100ms);
  CHECK(policy.next(true, kNow + 30s) == 200ms);
  CHECK(policy.next(true, kNow + 60s) == 200ms);
  CHECK(policy.next(true, kNow + 200s) == 100ms);
}

TEST_CASE("restart_policy: a most of zero is none") {
  RestartPolicy policy(RestartMode::always, 0);
  CHECK_FALSE(policy.next(true, kNow));
}

}  // namespace
}  // namespace stdiogate
