#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "stdiogate/line_buffer.h"

namespace stdiogate {

/// What came between two newlines.
struct Line {
  /// Without its newline and without one carriage return at its end. Never holds a newline.
  std::string_view bytes;
  /// The line is longer than allowed. It comes in pieces, one for each read, so that its end can be
  /// looked at although it is not kept.
  bool overlong = false;
  bool ends = true;  // of an overlong line: this is its last piece
};

/// Cuts bytes into lines, wherever the reads happen to have cut them.
///
///     buffer_  | taken already |  a line begun  | not looked at |   room   |
///              0            begin_          scanned_          end_     capacity()
///              0  <=  begin_  <=  scanned_  <=  end_  <=  capacity()
///
/// `next` looks at no byte twice for a newline, and what is left of a line is moved to the front
/// once at most. The caller fills `room`, says how much it filled (`commit`), then takes lines
/// until there is none. A line lies in the buffer: it is good until the next call of `next` or
/// `room`.
class LineReader {
 public:
  /// `max_line`: the most bytes a line may have, its newline not counted; at least 1.
  explicit LineReader(std::size_t max_line);

  /// Where the next bytes belong: at least kChunk of room.
  /// Throws std::bad_alloc.
  [[nodiscard]] std::span<char> room();

  /// The first `n` bytes of the last `room` are filled.
  void commit(std::size_t n) { end_ += n; }

  /// No more bytes will come: what is left without a newline is a line too.
  void end() { ended_ = true; }

  /// The next whole line or the next piece of an overlong one, or nothing until more bytes come.
  [[nodiscard]] std::optional<Line> next();

  /// The whole lines that `next` will find, with their newlines, from the line begun on.
  [[nodiscard]] std::string_view whole_lines();

  /// Bytes that have not been taken.
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// Whether the last bytes are the beginning of a line whose newline has not come.
  [[nodiscard]] bool is_in_line() const { return begin_ < end_ || discarding_; }

  /// Bytes allocated.
  [[nodiscard]] std::size_t capacity() const { return buffer_.capacity(); }

  /// The least room offered for a read: what a pipe holds by default.
  static constexpr std::size_t kChunk = 64 * 1024;

  /// The largest buffer that is kept when it is empty; a larger one goes back to the system.
  static constexpr std::size_t kKept = 2 * 1024 * 1024;

 private:
  [[nodiscard]] Line cut(std::size_t end, std::size_t next, bool ends);
  [[nodiscard]] bool is_overlong_already() const;

  std::size_t max_line_;
  LineBuffer buffer_;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;
  std::size_t end_ = 0;
  bool discarding_ = false;  // pieces of an overlong line have been taken, but not its last
  bool ended_ = false;
};

}  // namespace stdiogate
