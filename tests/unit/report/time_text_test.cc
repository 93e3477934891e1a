#include "src/report/time_text.h"

#include "tests/support/catch.h"

using namespace stdiogate;
using namespace std::chrono_literals;

namespace {

std::int64_t difference = 0;
Time present{};

TimeText made() {
  present = Time{};
  difference = 1'764'159'314'163'021'000;
  return TimeText([] { return present; }, [] { return difference; });
}

}  // namespace

TEST_CASE("time_text: a moment is told as the time of day then") {
  TimeText time = made();
  CHECK(time.text() == "2025-11-26T12:15:14.163021Z");
  present += 1us;
  CHECK(time.text() == "2025-11-26T12:15:14.163022Z");
  present += 1h;
  CHECK(time.text() == "2025-11-26T13:15:14.163022Z");
}

TEST_CASE("time_text: texts are as far apart as their moments, although no clock is exact") {
  TimeText time = made();
  (void)time.text();
  for (const int noise : {300'000, -300'000, 999'999}) {
    present += 1s;
    difference += noise;
    const std::string second = std::to_string(present.time_since_epoch() / 1s + 14);
    CHECK(time.text() == "2025-11-26T12:15:" + second + ".163021Z");
  }
}

TEST_CASE("time_text: when the wall clock has been set, it is told from the next moment on") {
  TimeText time = made();
  (void)time.text();
  difference -= 3'600'000'000'000;
  CHECK(time.text() == "2025-11-26T12:15:14.163021Z");
  present += 1us;
  CHECK(time.text() == "2025-11-26T11:15:14.163022Z");
}

TEST_CASE("time_text: by the clocks of this machine it is now") {
  TimeText time([] { return Time(std::chrono::steady_clock::now()); });
  const std::time_t before = std::time(nullptr);
  const std::string text(time.text());
  const std::time_t after = std::time(nullptr);
  const auto told = [](std::time_t at) {
    std::tm utc{};
    gmtime_r(&at, &utc);
    char seconds[20];
    (void)std::strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    return std::string(seconds);
  };
  CHECK(text.substr(0, 19) >= told(before - 1));
  CHECK(text.substr(0, 19) <= told(after + 1));
}
