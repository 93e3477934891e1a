#include "src/gate/restart_policy.h"

#include <algorithm>

#include "src/limits.h"

namespace stdiogate {

RestartPolicy::Decision RestartPolicy::next(bool failed, bool is_awaited, Time now) {
  if (mode_ == RestartMode::never) return {};
  if (!failed) return {mode_ == RestartMode::always ? Next::when_needed : Next::none};
  std::erase_if(recent_, [now](Time restart) { return restart + kRestartWindow <= now; });
  if (recent_.size() >= most_ || (!has_answered_ && restarted_early_)) return {Next::give_up};
  Duration pause = kFirstRestartPause;
  for (std::size_t i = 0; i < recent_.size() && pause < kLongestRestartPause; ++i)
    pause *= 2;
  recent_.push_back(now);
  restarted_early_ = restarted_early_ || !has_answered_;
  if (!has_answered_ && !is_awaited)
    return {Next::when_needed, mode_ == RestartMode::always ? Duration{} : kNobodyWaits};
  return {Next::later, std::min(pause, kLongestRestartPause)};
}

}  // namespace stdiogate
