#include "src/report/time_text.h"

#include <chrono>
#include <ctime>

#include "src/report/digits.h"

namespace stdiogate {

namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr std::size_t kLength = 27;
constexpr std::size_t kFraction = 20;  // where it begins

}  // namespace

std::int64_t TimeText::system_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::string_view TimeText::of(Time now) {
  if (now == told_) return {text_, kLength};
  const std::int64_t wall = wall_();
  const std::int64_t second = wall / kMicroseconds;
  if (second != second_) {
    second_ = second;
    const std::time_t seconds = second;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    (void)std::strftime(text_, sizeof text_, "%Y-%m-%dT%H:%M:%S.", &utc);
  }
  told_ = now;
  *put_digits(text_ + kFraction, static_cast<std::uint64_t>(wall % kMicroseconds), 6) = 'Z';
  return {text_, kLength};
}

}  // namespace stdiogate
