#pragma once

#include <cstdint>
#include <string_view>

#include "stdiogate/clock.h"

namespace stdiogate {

/// The time of day as text, for records: 2026-11-26T12:15:14.163021Z.
class TimeText {
 public:
  /// What time of day that moment is, in microseconds since 1970.
  using WallClock = std::int64_t (*)(Time moment);

  explicit TimeText(WallClock wall = &system_clock) : wall_(wall) {}

  /// The text for this moment, however long ago it is: so a duration that ended then leads back to
  /// its begin. All that happens in one turn of the reactor has the same `now`, and so the same
  /// text. Good until the next call.
  std::string_view of(Time now);

  static std::int64_t system_clock(Time moment);

 private:
  WallClock wall_;
  Time told_{};              // the moment whose text this is
  std::int64_t second_ = 0;  // whose text this is, to the second
  bool is_told_ = false;
  char text_[28] = {};
};

}  // namespace stdiogate
