#include "src/report/time_text.h"

#include <chrono>
#include <ctime>

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
  if (now == told_ && is_told_) return {text_, kLength};
  const std::int64_t wall = wall_();
  const std::int64_t second = wall / kMicroseconds;
  if (second != second_ || !is_told_) {
    second_ = second;
    const std::time_t seconds = second;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    (void)std::strftime(text_, sizeof text_, "%Y-%m-%dT%H:%M:%S.", &utc);
  }
  told_ = now;
  is_told_ = true;
  put_digits(text_ + kFraction, static_cast<std::uint32_t>(wall % kMicroseconds), 6);
  text_[kLength - 1] = 'Z';
  return {text_, kLength};
}

void put_digits(char* at, std::uint32_t number, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

}  // namespace stdiogate
