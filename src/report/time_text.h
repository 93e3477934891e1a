#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "stdiogate/clock.h"

namespace stdiogate {

/// The time of day as text, for records: 2026-11-26T12:15:14.163021Z.
class TimeText {
 public:
  /// What a wall clock shows more than the steady one, in nanoseconds: the time of day counts from
  /// the beginning of 1970, UTC.
  using Difference = std::int64_t (*)();

  /// `present`: the moment that is told. For a trace that of the turn, where durations end, too: a
  /// text less a duration is when that began. `difference` is asked once for each moment.
  explicit TimeText(std::function<Time()> present,
                    Difference difference = &difference_of_this_machine)
      : present_(std::move(present)), difference_(difference) {}

  [[nodiscard]] Time now() const { return present_(); }

  /// Good until the next call.
  std::string_view text();

  static std::int64_t difference_of_this_machine();

 private:
  std::function<Time()> present_;
  Difference difference_;
  std::int64_t kept_difference_ = 0;
  Time told_ = Time::min();          // the moment whose text this is
  std::int64_t second_ = INT64_MIN;  // whose text this is, to the second
  char text_[28] = {};
};

}  // namespace stdiogate
