#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "src/io/fd.h"

namespace stdiogate {

/// What one read or write came to.
struct IoResult {
  enum class Kind : std::uint8_t {
    done,         // `bytes` went over, at least 1
    would_block,  // none went over; wait until it is ready
    end,          // reading: end of file. Writing: nobody reads any more
    failed,       // `error` says why; the stream is unusable
  };
  Kind kind = Kind::would_block;
  std::size_t bytes = 0;
  int error = 0;  // of `failed`
};

/// One end of a byte stream that never makes the caller wait, whatever is behind it: a pipe, a
/// socket, a terminal, a file.
///
/// O_NONBLOCK belongs to the open file description, which an inherited descriptor shares with the
/// parent and others: set there it would break a shell's terminal. So a stream that is
/// not ours is read and written by calls that do not wait, or through a description of our own.
class Stream {
 public:
  /// No stream: always would_block.
  Stream() = default;

  /// A descriptor that is ours alone. It is made non-blocking.
  static Stream own(Fd fd);

  /// A descriptor that others may share: stays open and as it is. `for_writing`: which way it is
  /// used.
  static Stream inherited(int fd, bool for_writing);

  explicit operator bool() const { return fd_ >= 0; }

  /// What to watch.
  [[nodiscard]] int fd() const { return fd_; }

  /// Whether both are the same file, pipe, socket or terminal.
  [[nodiscard]] bool is_same_as(const Stream& other) const;

  [[nodiscard]] IoResult read(std::span<char> into);

  /// Whether a read takes a whole packet and loses what it has no room for: a datagram or seqpacket
  /// socket.
  [[nodiscard]] bool has_packets() const { return has_packets_; }

  /// How many bytes can be read without waiting; 0 if that cannot be known.
  [[nodiscard]] std::size_t bytes_to_read() const;

  /// Writes the bytes, as far as they go.
  [[nodiscard]] IoResult write(std::string_view bytes);

 private:
  enum class Way : std::uint8_t {
    plain,     // read and write do not wait here
    socket,    // recv and send can be told not to
    no_wait,   // so can preadv2 and pwritev2: pipes, where the kernel is new enough
    blocking,  // no call: only when it is ready, at most PIPE_BUF bytes
  };

  [[nodiscard]] static Fd reopened(int fd, bool for_writing);
  bool find_other_way(bool for_writing);
  [[nodiscard]] ssize_t read_some(std::span<char> into);
  [[nodiscard]] ssize_t write_some(std::string_view bytes);

  /// What is read or written.
  [[nodiscard]] int io_fd() const { return owned_ ? owned_.get() : fd_; }

  int fd_ = -1;  // watched
  Fd owned_;     // the same thing by a description of our own, if there is one
  Way way_ = Way::plain;
  bool has_packets_ = false;
};

}  // namespace stdiogate
