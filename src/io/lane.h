#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stdiogate/line_reader.h"
#include "stdiogate/reactor.h"

#include "src/io/sink.h"
#include "src/io/stream.h"

namespace stdiogate {

/// One direction of bytes: reads lines from its source, has them judged, and what comes of them
/// goes to its sink.
///
///     source -> LineReader -> judge -> sink
///
/// Backpressure without counting: one read, all whole lines of it judged, one write (or two, see
/// kFirstLines); no further read until the sink has taken everything. A slow sink slows its source,
/// as a pipe would.
///
/// The reactor's events only read and write bytes and end in Judge::on_activity; whoever owns the
/// lanes and sinks then steps all of them until none has anything to do.
class Lane {
 public:
  enum class State : std::uint8_t {
    reading,   // waits for the source
    draining,  // waits for the sink
    held,      // waits for the other side's sink: its lines have caused too many replies
    closed,    // the source is at its end, or there is none
  };

  /// Who decides. Calls come from the reactor's turn or from `step`; they may connect and
  /// disconnect anything, but step and redirect no lane, except on_activity.
  class Judge {
   public:
    virtual ~Judge() = default;
    virtual void on_line(Lane& lane, const Line& line) = 0;
    /// These whole lines are told next, one by one; empty: that was all for now.
    virtual void on_lines(std::string_view) {}
    /// The source is at its end and all its lines are judged. `error`: 0, or why it cannot be read.
    virtual void on_source_end(Lane& lane, int error) = 0;
    /// Whoever wrote to the source is gone, though bytes are left that wait for the sink to drain.
    virtual void on_source_hangup(Lane& lane) = 0;
    /// Bytes have come: step all lanes and sinks until none has anything to do.
    virtual void on_activity() = 0;
  };

  /// `replies`: the sink of those who write to this lane's source; with more than kHighWater of
  /// replies in it this lane is held. All must outlive the lane.
  Lane(Reactor& reactor, Judge& judge, Sink& sink, const Sink& replies, std::size_t max_line);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// Reads from this stream from now on, beginning a new line.
  void connect_source(Stream source);
  /// What has been read of it is judged all the same.
  void disconnect_source();

  /// What comes of the lines from now on goes to another sink.
  void redirect(Sink& sink);

  /// Nobody is left who could write to the source: what is in it now is the rest, even if somebody
  /// holds its other end.
  void end_when_dry();

  /// Judges the lines that have come, as far as there is room for what they cause. Returns whether
  /// there were any.
  bool step();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool has_source() const { return static_cast<bool>(source_); }

 private:
  void on_source_ready(Ready ready);
  void read();
  bool judge_lines();
  [[nodiscard]] std::size_t most_to_read() const;
  [[nodiscard]] std::size_t most_to_judge();
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] bool must_wait() const;
  [[nodiscard]] State next_state() const;
  void settle();

  Reactor& reactor_;
  Judge& judge_;
  Sink* sink_;
  const Sink& replies_;
  std::size_t max_line_;
  LineReader reader_;
  Stream source_;
  std::optional<Reactor::Watch> watch_;
  State state_ = State::closed;
  std::size_t read_ = 0;         // bytes, by the last read
  std::size_t lines_read_ = 0;   // and lines judged since
  std::size_t line_length_ = 0;  // of lines judged last, about; 0: not known
  bool got_all_ = false;         // the last read, and nothing of it is judged yet
  bool unjudged_ = false;        // the reader may hold whole lines, or its end
  bool ended_ = false;           // nothing more will be read
  bool ends_dry_ = false;        // see end_when_dry
  std::size_t left_ = 0;         // bytes to read until then
  int error_ = 0;
};

}  // namespace stdiogate
