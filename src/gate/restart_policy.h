#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "stdiogate/clock.h"

#include "src/limits.h"

namespace stdiogate {

enum class RestartMode : std::uint8_t {
  never,
  on_failure,  // not after a goodbye: status 0 while no request was open
  always,
};

/// Whether and when a server that has ended by itself is started again. Passive.
class RestartPolicy {
 public:
  enum class Next : std::uint8_t {
    none,         // it has said goodbye, or nobody wants another
    give_up,      // too many have failed
    when_needed,  // by the next line; gives up if none comes within the delay; 0: waits forever
    later,        // after the delay
  };
  struct Decision {
    Next next = Next::none;
    Duration delay{};
  };

  /// `most`: restarts within kRestartWindow.
  RestartPolicy(RestartMode mode, std::uint32_t most) : mode_(mode), most_(most) {}

  /// A server has answered a request: the command works.
  void note_answer() { has_answered_ = true; }
  [[nodiscard]] bool has_answered() const { return has_answered_; }

  /// The server has ended. `is_awaited`: a request waits for the next. The delay doubles with each
  /// restart within kRestartWindow. A command that has never answered is started once more, and
  /// only for a request: a race in a package cache is over by then, a refused sign-in is not.
  [[nodiscard]] Decision next(bool failed, bool is_awaited, Time now) {
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

 private:
  RestartMode mode_;
  std::uint32_t most_;
  bool has_answered_ = false;
  bool restarted_early_ = false;  // before any answer
  std::vector<Time> recent_;      // restarts, at most most_ of them
};

}  // namespace stdiogate
