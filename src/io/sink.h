#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stdiogate/line_writer.h"
#include "stdiogate/reactor.h"

#include "src/io/stream.h"

namespace stdiogate {

/// Where lines go: a stream and the bytes queued for it. Whoever has a line for it appends to its
/// writer; the end of each turn flushes it.
class Sink {
 public:
  /// Told from `flush` or from the reactor's turn.
  class Owner {
   public:
    virtual ~Owner() = default;
    /// Nobody reads it any more (`error` 0), or it cannot be written. It is disconnected.
    virtual void on_sink_gone(int error) = 0;
    /// Called behind on_sink_gone with the lines that were not written as a whole, and later with
    /// those appended since. They are dropped; the view is good during the call.
    virtual void on_unsent(std::string_view /*lines*/) {}
  };

  /// Both must outlive it.
  Sink(Reactor& reactor, Owner& owner) : reactor_(reactor), owner_(owner) {}

  /// Writes to this stream from now on.
  void connect(Stream stream);

  /// Throws away the queued bytes, and all that are appended later.
  void disconnect();

  /// Whether the other end has read all that was written, as far as that can be known.
  [[nodiscard]] bool is_read() const { return stream_.bytes_to_read() == 0; }

  [[nodiscard]] bool is_connected() const { return static_cast<bool>(stream_); }

  [[nodiscard]] LineWriter& writer() { return writer_; }
  [[nodiscard]] const LineWriter& writer() const { return writer_; }

  /// Whether bytes are queued for the stream.
  [[nodiscard]] bool is_busy() const { return is_connected() && !writer_.empty(); }

  /// Whether bytes are queued that it has not yet tried to write.
  [[nodiscard]] bool wants_flush() const { return !writer_.empty() && !is_full_; }

  /// Writes what is queued, once, unless the stream is known to be full.
  void flush();

  /// Since when the stream has taken none of the queued bytes; empty if none are queued.
  [[nodiscard]] std::optional<Time> full_since() const { return full_since_; }

  /// How long, in all, it has taken nothing: each time what goes beyond kPause.
  [[nodiscard]] Duration stalled() const { return stalled_ + stalled_now(); }
  [[nodiscard]] bool is_stalled() const { return stalled_now() > Duration::zero(); }

  /// Bytes written since it was made.
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  void on_ready(Ready ready);
  void write();
  void set_full(bool full);
  [[nodiscard]] Duration stalled_now() const;
  void close();
  void lose(int error);
  void drop();

  Reactor& reactor_;
  Owner& owner_;
  LineWriter writer_;
  Stream stream_;
  std::optional<Reactor::Watch> watch_;
  bool is_full_ = false;  // the stream took less than all: the watch will say when it takes more
  std::optional<Time> full_since_;
  Duration stalled_{};
  std::uint64_t bytes_written_ = 0;
};

}  // namespace stdiogate
