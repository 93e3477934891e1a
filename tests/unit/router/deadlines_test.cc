#include "src/router/deadlines.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

const Time kNow{std::chrono::hours(1)};

TEST_CASE("deadlines: nothing is due when nothing was started") {
  const Deadlines deadlines(3);
  CHECK_FALSE(deadlines.next());
  CHECK_FALSE(deadlines.due(kNow + 100h));
}

TEST_CASE("deadlines: what was started is due when its time has come, not before") {
  Deadlines deadlines(3);
  deadlines.start(1, kNow, 5s);
  CHECK(deadlines.is_running(1));
  CHECK_FALSE(deadlines.is_running(0));
  CHECK(deadlines.next() == kNow + 5s);
  CHECK_FALSE(deadlines.due(kNow + 5s - 1ns));
  CHECK(deadlines.due(kNow + 5s) == 1u);
}

TEST_CASE("deadlines: what was stopped is not due, stopping twice is nothing") {
  Deadlines deadlines(3);
  deadlines.start(1, kNow, 5s);
  deadlines.stop(1);
  deadlines.stop(1);
  CHECK_FALSE(deadlines.next());
  CHECK_FALSE(deadlines.is_running(1));
}

TEST_CASE("deadlines: starting again puts it off, at the same or another length") {
  Deadlines deadlines(3);
  deadlines.start(0, kNow, 5s);
  deadlines.start(1, kNow, 5s);
  deadlines.restart(0, kNow + 3s);
  CHECK(deadlines.due(kNow + 7s) == 1u);
  deadlines.stop(1);
  CHECK(deadlines.next() == kNow + 8s);
  deadlines.start(0, kNow + 4s, 1s);
  CHECK(deadlines.next() == kNow + 5s);
}

TEST_CASE("deadlines: behave as a map from thing to deadline would") {
  constexpr std::uint32_t kCapacity = 20;
  const std::vector<Duration> lengths = {1s, 2s, 3s, 60s};
  Deadlines deadlines(kCapacity);
  std::map<std::uint32_t, Time> model;
  std::mt19937 random(5);
  Time now = kNow;
  for (int step = 0; step < 20'000; ++step) {
    now += std::chrono::milliseconds(random() % 300);
    const auto index = static_cast<std::uint32_t>(random() % kCapacity);
    if (random() % 3 != 0) {
      const Duration length = lengths[random() % lengths.size()];
      deadlines.start(index, now, length);
      model[index] = now + length;
    } else {
      deadlines.stop(index);
      model.erase(index);
    }
    while (const auto due = deadlines.due(now)) {
      REQUIRE(model.count(*due) == 1);
      for (const auto& [other, deadline] : model)
        REQUIRE(model[*due] <= deadline);
      REQUIRE(model[*due] <= now);
      deadlines.stop(*due);
      model.erase(*due);
    }
    const auto first = std::min_element(model.begin(), model.end(),
                                        [](auto& a, auto& b) { return a.second < b.second; });
    REQUIRE(deadlines.next().has_value() == (first != model.end()));
    if (first != model.end()) {
      REQUIRE(*deadlines.next() == first->second);
      REQUIRE(first->second > now);
    }
  }
}

}  // namespace
}  // namespace stdiogate
