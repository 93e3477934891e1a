#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "stdiogate/line_buffer.h"

namespace stdiogate {

/// One place in a line and what replaces it. The bytes around it stay as they are.
struct Edit {
  std::size_t offset = 0;  // in the line
  std::size_t length = 0;
  std::string_view replacement;
};

/// The length of the line with the edits made, which are in the order of their offsets and do not
/// overlap.
[[nodiscard]] std::size_t edited_size(std::string_view line, std::span<const Edit> edits);

/// Writes the line with the edits made, edited_size bytes. Returns where it ends.
char* put_edited(char* at, std::string_view line, std::span<const Edit> edits);

/// Is shown a message as it goes to a sink, without its newline. The bytes are good during the call.
using LineTap = std::function<void(std::string_view line)>;

/// Lines on their way to one sink, in order, until it has taken them:
///
///     buffer_  |  taken  :  of a line begun  |  a reply and lines before  |  more lines  |  room  |
///              0       begun_              taken_                    reply_end_         end_
///              0  <=   begun_      <=      taken_          <=        reply_end_    <=   end_
///
/// A line that the sink has taken in part is kept whole, since it may never get the rest.
///
/// Replies are lines that the gate makes itself. They are counted apart, so that a peer that causes
/// them without reading them cannot make this grow forever.
class LineWriter {
 public:
  /// Appends the line with the edits made, and a newline. `edits` are in the order of their offsets
  /// and do not overlap. Throws std::bad_alloc.
  void append(std::string_view line, std::span<const Edit> edits = {});

  /// The same for a line that is no message: the tap is not shown it.
  void append_other(std::string_view line) {
    LineTap tap = std::exchange(tap_, nullptr);
    append(line);
    tap_ = std::move(tap);
  }

  /// From now on the tap is shown each message; if it is empty, none is.
  void set_tap(LineTap tap) { tap_ = std::move(tap); }

  /// `n` bytes of what was appended last are replies.
  void note_replies(std::size_t n);

  /// At most this many of the queued bytes are replies.
  [[nodiscard]] std::size_t replies() const { return std::min(replies_, reply_end_ - taken_); }

  /// Bytes that the sink has not taken yet. Good until the next call that is not const.
  [[nodiscard]] std::string_view bytes() const { return {buffer_.data() + taken_, size()}; }
  [[nodiscard]] std::size_t size() const { return end_ - taken_; }
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// The sink has taken the first `n` bytes; n <= size().
  void consume(std::size_t n);

  /// The lines of which the sink has not taken all. Good until the next call that is not const.
  [[nodiscard]] std::string_view unsent() const { return {buffer_.data() + begun_, end_ - begun_}; }

  /// Takes back all lines of which the sink has taken nothing. They are good until the next call
  /// that is not const.
  [[nodiscard]] std::string_view take_back();

  /// Forgets all queued bytes.
  void clear();

  /// Bytes allocated.
  [[nodiscard]] std::size_t capacity() const { return buffer_.capacity(); }

  /// The largest buffer that is kept when it is empty; a larger one goes back to the system.
  static constexpr std::size_t kKept = 2 * 1024 * 1024;

 private:
  void make_room(std::size_t length);

  LineBuffer buffer_;
  LineTap tap_;
  std::size_t begun_ = 0;  // where the line begins that is taken next, or was taken in part
  std::size_t taken_ = 0;
  std::size_t reply_end_ = 0;  // of the last reply; taken_ if all replies are taken
  std::size_t end_ = 0;
  std::size_t replies_ = 0;  // bytes of replies since none was queued
};

}  // namespace stdiogate
