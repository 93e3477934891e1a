#include "src/gate/restart_policy.h"

#include <algorithm>

namespace stdiogate {

std::optional<Duration> RestartPolicy::next(bool failed, Time now) {
  if (mode_ == RestartMode::never || (mode_ == RestartMode::on_failure && !failed))
    return std::nullopt;
  std::erase_if(recent_, [now](Time restart) { return restart + kWindow <= now; });
  if (recent_.size() >= most_) return std::nullopt;
  Duration pause = kFirstPause;
  for (std::size_t i = 0; i < recent_.size() && pause < kLongestPause; ++i)
    pause *= 2;
  recent_.push_back(now);
  return std::min(pause, kLongestPause);
}

}  // namespace stdiogate
