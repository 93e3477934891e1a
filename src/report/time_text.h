#pragma once

#include <cstdint>
#include <string_view>

#include "stdiogate/clock.h"

namespace stdiogate {

/// The time of day as text, for records: 2026-11-26T12:15:14.163021Z.
class TimeText {
 public:
  /// Microseconds since 1970.
  using WallClock = std::int64_t (*)();

  explicit TimeText(WallClock wall = &system_clock) : wall_(wall) {}

  /// The text for the present. `now` only tells turns apart, as it is the router's time, which stands
  /// still while the client reads nothing: all that has the same `now` has the same text. Good until
  /// the next call.
  std::string_view of(Time now);

  static std::int64_t system_clock();

 private:
  WallClock wall_;
  Time told_ = Time::min();          // the moment whose text this is
  std::int64_t second_ = INT64_MIN;  // whose text this is, to the second
  char text_[28] = {};
};

}  // namespace stdiogate
