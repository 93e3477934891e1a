#pragma once

#include <cstdint>
#include <vector>

#include "stdiogate/clock.h"

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
  [[nodiscard]] Decision next(bool failed, bool is_awaited, Time now);

 private:
  RestartMode mode_;
  std::uint32_t most_;
  bool has_answered_ = false;
  bool restarted_early_ = false;  // before any answer
  std::vector<Time> recent_;      // restarts, at most most_ of them
};

}  // namespace stdiogate
