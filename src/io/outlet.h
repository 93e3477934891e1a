#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "stdiogate/line_writer.h"
#include "stdiogate/reactor.h"

#include "src/io/stream.h"

namespace stdiogate {

/// Our stderr. Protocol traffic never waits for it; a server that writes much to it waits for room,
/// as it would for a pipe.
///
/// A reader that has taken nothing for kNoReader is none: from then on only the newest whole lines
/// are kept, and when it takes some again a line of ours says how many were dropped.
///
///     head_ [ end of a line begun, "N lines were dropped" ]  queue_ [ lines, and one begun ]
class Outlet {
 public:
  /// Without a stream everything is dropped, and not counted: nobody listens.
  Outlet(Reactor& reactor, Stream stream);

  /// The line, with its newline, that says how many were dropped.
  void on_drop(std::function<std::string(std::uint64_t lines)> line) {
    drop_line_ = std::move(line);
  }

  /// Whether it writes to the same file, pipe or terminal as this stream.
  [[nodiscard]] bool is_same_as(const Stream& other) const { return stream_.is_same_as(other); }

  /// From now on whole lines go between those of this writer, and nothing anywhere else. For where
  /// our stdout is the same thing. It must outlive the outlet's use.
  void share(LineWriter& writer);

  /// Bytes of a server, which may begin and end within a line: written now or later.
  void put(std::string_view bytes);

  /// A line of ours, with its newline. Behind a line that a server has begun it begins another.
  void put_line(std::string_view line);

  /// A line begun in a writer that is shared ends here.
  void end_line();

  /// Whether a server may go on: less than kStderrRoom is queued, or nobody reads.
  [[nodiscard]] bool has_room() const;

  /// Whether nothing is queued that somebody might still read.
  [[nodiscard]] bool is_done() const { return empty() || !is_read_; }
  [[nodiscard]] bool empty() const { return queue_.empty() && head_.empty(); }

  [[nodiscard]] std::uint64_t dropped_bytes() const { return dropped_; }

 private:
  void on_ready(Ready ready);
  void on_no_reader();
  void flush();
  [[nodiscard]] bool write(std::string& bytes);
  void keep_rest();
  void keep_newest();
  void share_lines();
  void settle();

  Reactor& reactor_;
  Stream stream_;
  Reactor::Watch watch_;
  Reactor::Timer no_reader_;
  std::function<std::string(std::uint64_t)> drop_line_;
  LineWriter* shared_ = nullptr;
  std::string head_;
  std::string rest_;  // the end of a line begun, at the front of head_ or to be put there
  std::string queue_;
  bool is_full_ = false;     // the stream took less than all
  bool has_failed_ = false;  // it could not be written; the timer tries it again
  bool is_read_ = true;
  bool in_line_ = false;       // the last byte that was written is no newline
  std::uint64_t lines_ = 0;    // dropped, and head_ says so, or will
  std::uint64_t dropped_ = 0;  // bytes
};

}  // namespace stdiogate
