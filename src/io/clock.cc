#include "stdiogate/clock.h"

namespace stdiogate {

Time SteadyClock::now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

}  // namespace stdiogate
