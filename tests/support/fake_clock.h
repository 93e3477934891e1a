#pragma once

#include "stdiogate/clock.h"

namespace stdiogate {

/// A clock that stands still until it is advanced.
class FakeClock final : public Clock {
 public:
  Time now() override { return now_; }
  void advance(Duration by) { now_ += by; }

 private:
  Time now_{std::chrono::hours(1)};
};

}  // namespace stdiogate
