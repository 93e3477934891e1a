#pragma once

#include <algorithm>
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
  [[nodiscard]] bool push(std::string_view line, std::uint64_t after) {
    if (bytes_ + line.size() > max_bytes_) return false;
    lines_.push_back({.after = after, .line = std::string(line)});
    bytes_ += line.size();
    return true;
  }

  /// Puts one right behind that request, unless the same is held already; there always is room.
  void insert(std::string_view line, std::uint64_t after) {
    if (std::ranges::find(lines_, line, &Held::line) != lines_.end()) return;
    const auto at = std::ranges::lower_bound(lines_, after, {}, &Held::after);
    lines_.insert(at, {.after = after, .line = std::string(line)});
    bytes_ += line.size();
  }

  /// Moves those to the writer that came before that request.
  void send_before(std::uint64_t request, LineWriter& writer) {
    for (; !lines_.empty() && lines_.front().after < request; lines_.pop_front()) {
      writer.append(lines_.front().line);
      bytes_ -= lines_.front().line.size();
    }
  }

  void clear() {
    lines_.clear();
    bytes_ = 0;
  }
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
