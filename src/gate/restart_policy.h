#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stdiogate/clock.h"

namespace stdiogate {

enum class RestartMode : std::uint8_t {
  never,
  on_failure,  // not after a goodbye: status 0 while nobody waited for anything
  always,
};

/// Whether and when a server that has ended by itself is started again. Passive.
class RestartPolicy {
 public:
  /// `most`: restarts within kWindow.
  RestartPolicy(RestartMode mode, std::uint32_t most) : mode_(mode), most_(most) {}

  /// The server has ended. Returns how long to wait before the next start, which then counts; or
  /// nothing: there is none. The pause doubles with each restart within kWindow.
  [[nodiscard]] std::optional<Duration> next(bool failed, Time now);

  static constexpr Duration kWindow = std::chrono::seconds(60);
  static constexpr Duration kFirstPause = std::chrono::milliseconds(100);
  static constexpr Duration kLongestPause = std::chrono::seconds(5);

 private:
  RestartMode mode_;
  std::uint32_t most_;
  std::vector<Time> recent_;  // restarts, at most most_ of them
};

}  // namespace stdiogate
