#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stdiogate/line_writer.h"
#include "stdiogate/reactor.h"

#include "src/io/stream.h"
#include "src/limits.h"

namespace stdiogate {

/// Where lines go: a stream and what waits for it. One lane or several, and anybody else, append to
/// its writer; it is written when all that is ready has been judged, and when the stream takes
/// more.
class Sink {
 public:
  /// Who is told. Calls come from the reactor's turn or from `step`.
  class Owner {
   public:
    virtual ~Owner() = default;
    /// Nobody reads it any more (`error` 0), or it cannot be written. It is disconnected.
    virtual void on_sink_gone(Sink& sink, int error) = 0;
    /// Bytes have gone: step all lanes and sinks until none has anything to do.
    virtual void on_activity() = 0;
  };

  /// Both must outlive it.
  Sink(Reactor& reactor, Owner& owner) : reactor_(reactor), owner_(owner) {}

  /// Writes to this stream from now on.
  void connect(Stream stream);

  /// Throws away what waits, and from now on what comes.
  void disconnect();

  [[nodiscard]] bool is_connected() const { return static_cast<bool>(stream_); }

  [[nodiscard]] LineWriter& writer() { return writer_; }
  [[nodiscard]] const LineWriter& writer() const { return writer_; }

  /// Whether something waits for the stream.
  [[nodiscard]] bool is_busy() const { return is_connected() && !writer_.empty(); }
  /// Whether more may be made to wait: lines beside replies, and as much of both.
  [[nodiscard]] bool has_room() const { return !is_connected() || writer_.size() < 2 * kHighWater; }

  /// Writes what waits, once. Returns whether the last of it has been taken.
  bool step();

  /// Bytes written since it was made.
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  void on_ready(Ready ready);
  void write();
  void want_room(bool wanted);
  void lose(int error);

  Reactor& reactor_;
  Owner& owner_;
  LineWriter writer_;
  Stream stream_;
  std::optional<Reactor::Watch> watch_;
  bool wants_room_ = false;                                  // what the reactor was told last
  std::array<std::string_view, Stream::kMaxPieces> pieces_;  // of a write; made once
  std::uint64_t bytes_written_ = 0;
};

}  // namespace stdiogate
