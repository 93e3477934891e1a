#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "stdiogate/line_writer.h"

namespace stdiogate {

/// Notifications of the client's that came while no server serves. The next server gets them in
/// their places among the client's requests, which are numbered from 1:
///
///     request 1   notification (after 1)   request 2   request 3   notification (after 3)
class HeldLines {
 public:
  /// `bytes`: the most that all together may have.
  explicit HeldLines(std::size_t bytes) : max_bytes_(bytes) {}

  /// Holds one that came just now, after this many requests. False: there is no room for it.
  [[nodiscard]] bool push(std::string_view line, std::uint64_t after);

  /// Puts one right behind that request, unless the same is held already; there always is room.
  void insert(std::string_view line, std::uint64_t after);

  /// Moves those to the writer that came before that request.
  void send_before(std::uint64_t request, LineWriter& writer);

  void clear();
  [[nodiscard]] bool empty() const { return lines_.empty(); }

 private:
  struct Held {
    std::uint64_t after = 0;
    std::string line{};
  };

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::deque<Held> lines_;
};

}  // namespace stdiogate
