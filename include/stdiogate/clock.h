#pragma once

#include <chrono>

namespace stdiogate {

/// A length of time. All durations of the library are in this unit; text forms ("5m") belong to the
/// command line.
using Duration = std::chrono::nanoseconds;

/// A moment on a clock that never goes back. Only differences mean anything: it is no time of day.
using Time = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// Where the reactor learns what time it is. Supplied from outside, so that a test can be an hour
/// later without waiting for one.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The present moment; never earlier than what an earlier call returned.
  virtual Time now() = 0;
};

/// The machine's monotonic clock.
class SteadyClock final : public Clock {
 public:
  Time now() override { return std::chrono::steady_clock::now(); }
};

}  // namespace stdiogate
