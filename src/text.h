#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/clock.h"

/// Durations, sizes, signals and errors as people write them, and the memory of texts.
namespace stdiogate {

inline constexpr Duration kLongestDuration = std::chrono::hours(24 * 1000);

/// Empties the text and frees its memory, which an assignment keeps.
inline void give_back(std::string& text) {
  std::string().swap(text);
}

/// The duration in whole microseconds; 0 if it is negative.
[[nodiscard]] constexpr std::uint64_t microseconds(Duration duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return us > 0 ? static_cast<std::uint64_t>(us) : 0;
}

/// The number with a point before its last `digits`: "1.500" for 1500 and 3.
[[nodiscard]] std::string with_point(std::uint64_t number, std::size_t digits);

/// "200ms", "1.5s", "5m", "1h", "0". Nothing if the text is not one, or longer than
/// kLongestDuration.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// The shortest of these forms that is exact to the millisecond: "5m", "90s", "1.5s", "200ms", "0".
[[nodiscard]] std::string format_duration(Duration duration);

/// Bytes, or with K, M or G for 1024s: "4096", "64M". Nothing if the text is not one or does not
/// fit.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// The shortest of these forms that is exact.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// "SIGKILL" for 9. One that has no name here: "signal 42".
[[nodiscard]] std::string signal_name(int signal);

/// "ENOENT" for 2. One that has no name here: "errno 242".
[[nodiscard]] std::string errno_name(int error);

/// What an errno means, as the system says it: "No such file or directory".
[[nodiscard]] std::string errno_text(int error);

}  // namespace stdiogate
