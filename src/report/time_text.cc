#include "src/report/time_text.h"

#include <chrono>
#include <cstdlib>
#include <ctime>

#include "src/report/digits.h"

namespace stdiogate {

namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::size_t kLength = 27;
constexpr std::size_t kFraction = 20;  // where it begins

/// Two readings of the difference are never quite the same, as one clock is read after the other.
/// Below this they count as such: texts are then as far apart as their moments.
constexpr std::int64_t kNoise = 1'000'000;

std::int64_t nanoseconds(auto moment) {
  const auto since = moment.time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

}  // namespace

std::int64_t TimeText::difference_of_this_machine() {
  const std::int64_t steady = nanoseconds(std::chrono::steady_clock::now());
  return nanoseconds(std::chrono::system_clock::now()) - steady;
}

std::string_view TimeText::text() {
  const Time now = present_();
  if (now == told_) return {text_, kLength};
  const std::int64_t difference = difference_();
  if (std::abs(difference - kept_difference_) > kNoise) kept_difference_ = difference;
  const std::int64_t wall = nanoseconds(now) + kept_difference_;
  const std::int64_t second = wall / kNanoseconds;
  if (second != second_) {
    second_ = second;
    const std::time_t seconds = second;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    (void)std::strftime(text_, sizeof text_, "%Y-%m-%dT%H:%M:%S.", &utc);
  }
  told_ = now;
  const auto microseconds = static_cast<std::uint32_t>(wall % kNanoseconds / 1000);
  *put_six_digits(text_ + kFraction, microseconds) = 'Z';
  return {text_, kLength};
}

}  // namespace stdiogate
