#pragma once

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "stdiogate/clock.h"
#include "stdiogate/server_end.h"

#include "src/limits.h"

namespace stdiogate {

/// Whether SIGINT, which the user has sent to the gate and the gate to a server, has ended that
/// server, or will. It may as well go on, as where Ctrl-C ends a turn of the host's. Passive.
class Interruption {
 public:
  /// `open`: the wire ids of all requests that are open.
  void begin(Time now, std::vector<std::uint64_t> open) {
    since_ = now;
    open_ = std::move(open);
  }

  /// It has answered this request. If that came after SIGINT, it goes on. The answer to another may
  /// have been written before.
  void note_answer(std::uint64_t wire_id) {
    if (since_ && std::ranges::count(open_, wire_id) == 0) since_.reset();
  }

  /// It has ended. A server that SIGINT ends exits, or dies of a signal that asks for the end; and
  /// it does so soon, unless the gate itself has ended it since (`was_signalled`).
  void note_end(const ServerEnd& end, bool was_signalled, Time now) {
    const bool was_asked = was_signalled || end.signal == 0 || end.signal == SIGINT ||
                           end.signal == SIGTERM || end.signal == SIGHUP;
    if (!was_asked || (since_ && now - *since_ > kInterrupted)) since_.reset();
  }

  [[nodiscard]] bool is_open() const { return since_.has_value(); }

  /// How long its end would still be taken for that of SIGINT.
  [[nodiscard]] Duration left(Time now) const {
    return since_ ? std::max(*since_ + kInterrupted - now, Duration::zero()) : Duration::zero();
  }

 private:
  std::optional<Time> since_;
  std::vector<std::uint64_t> open_;  // then
};

}  // namespace stdiogate
