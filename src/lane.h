#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stdiogate/line_reader.h"
#include "stdiogate/line_writer.h"
#include "stdiogate/reactor.h"

#include "io.h"

namespace stdiogate {

/// One direction of bytes: reads lines from its source, has them judged, writes to its sink.
///
///     source -> LineReader -> judge -> LineWriter -> sink
///
/// Backpressure without counting: one read, all whole lines of it judged, one write; no further
/// read until the sink has taken everything. A slow sink slows its source, as a pipe would.
///
/// The reactor's events only read and write bytes and end in Judge::on_activity; whoever owns the
/// lanes then steps all of them until none has anything to do.
class Lane {
 public:
  enum class State : std::uint8_t {
    reading,   // waits for the source
    draining,  // waits for the sink
    held,      // waits for the other lane's sink: its lines have caused too many replies
    closed,    // the source is at its end, or there is none
  };

  /// Who decides. Calls come from the reactor's turn or from `step`; they may connect and
  /// disconnect any lane's ends, but step none, except on_activity.
  class Judge {
   public:
    virtual ~Judge() = default;
    virtual void on_line(Lane& lane, const Line& line) = 0;
    /// The source is at its end and all its lines are judged. `error`: 0, or why it cannot be read.
    virtual void on_source_end(Lane& lane, int error) = 0;
    /// Whoever wrote to the source is gone, though bytes are left that wait for the sink to drain.
    virtual void on_source_hangup(Lane& lane) = 0;
    /// Nobody reads the sink any more (`error` 0), or it cannot be written. It is disconnected;
    /// what waited for it is thrown away, and so is what comes.
    virtual void on_sink_gone(Lane& lane, int error) = 0;
    /// Bytes have come or gone: step all lanes until none has anything to do.
    virtual void on_activity() = 0;
  };

  /// `writer`: what waits for the sink; others may append to it. `other`: what waits for the other
  /// lane's sink; with more than kHighWater of replies in it this lane is held. All must outlive
  /// the lane.
  Lane(Reactor& reactor, Judge& judge, LineWriter& writer, const LineWriter& other,
       std::size_t max_line);

  /// Reads from this stream from now on, beginning a new line.
  void connect_source(Stream source);
  /// Writes to this stream from now on.
  void connect_sink(Stream sink);
  void disconnect_source();
  /// Throws away what waits for it, and from now on what comes.
  void disconnect_sink();

  /// Judges the lines that have come, as far as there is room for what they cause, and writes what
  /// waits, once. Returns whether another step, of any lane, may find something to do.
  bool step();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool has_source() const { return static_cast<bool>(source_); }
  [[nodiscard]] bool has_sink() const { return static_cast<bool>(sink_); }

  /// Bytes read and written since the lane was made.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  void on_source_ready(Ready ready);
  void on_sink_ready(Ready ready);
  void read();
  bool judge_lines();
  bool write();
  void lose_sink(int error);
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] State next_state() const;
  void settle();

  Reactor& reactor_;
  Judge& judge_;
  LineWriter& writer_;
  const LineWriter& other_;
  std::size_t max_line_;
  LineReader reader_;
  Stream source_;
  Stream sink_;
  std::optional<Reactor::Watch> source_watch_;
  std::optional<Reactor::Watch> sink_watch_;
  State state_ = State::closed;
  bool unjudged_ = false;        // the reader may hold whole lines, or its end
  bool source_ended_ = false;    // nothing more will be read
  bool source_hung_up_ = false;  // heard while it could not be read
  int source_error_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace stdiogate
