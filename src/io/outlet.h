#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "stdiogate/reactor.h"

#include "src/io/stream.h"

namespace stdiogate {

/// Where text goes for which nobody may be made to wait: our stderr, a log file. What the other end
/// does not take waits, up to kStderrRoom; what comes then is dropped and counted.
class Outlet {
 public:
  /// Without a stream everything is dropped, and not counted: nobody listens.
  Outlet(Reactor& reactor, Stream stream);

  /// Writes the bytes, now or later. Up to kStderrRoom of them go all or none; more go in pieces of
  /// that size.
  void put(std::string_view bytes);

  /// Writes what waits, as far as it goes without waiting.
  void flush();

  /// Whether nothing waits.
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

  [[nodiscard]] std::uint64_t dropped_bytes() const { return dropped_; }

 private:
  void settle();

  Stream stream_;
  Reactor::Watch watch_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace stdiogate
