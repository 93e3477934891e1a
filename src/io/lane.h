#pragma once

#include <cstddef>
#include <optional>

#include "stdiogate/line_reader.h"
#include "stdiogate/reactor.h"

#include "src/io/stream.h"

namespace stdiogate {

/// One direction of bytes: reads lines from its source and hands them to its owner, a read's worth
/// at a time. It knows no sink, but asks whether it may read; so a slow sink slows its source, as a
/// pipe would.
///
///     source -> LineReader -> Owner::on_lines
class Lane {
 public:
  /// All calls but `may_read` may connect and disconnect anything.
  class Owner {
   public:
    virtual ~Owner() = default;
    /// Whether there is room for what further lines cause.
    [[nodiscard]] virtual bool may_read() const = 0;
    /// Takes lines from the reader. Returns whether it has taken all; if not, it is asked again
    /// when it may read.
    [[nodiscard]] virtual bool on_lines(LineReader& lines) = 0;
    /// The source is at its end and all its lines are taken. `error`: 0, or why it cannot be read.
    virtual void on_source_end(int error) = 0;
    /// The writers of the source are gone, though it holds bytes that may not be read yet.
    virtual void on_source_hangup() = 0;
  };

  /// Both must outlive the lane.
  Lane(Reactor& reactor, Owner& owner, std::size_t max_line);

  /// Reads from this stream; once.
  void connect_source(Stream source);
  /// Lines that have been read are handed over all the same.
  void disconnect_source();

  /// The writer is gone. What is in the source now is all there will be, even if a descendant still
  /// holds the write end.
  void end_when_dry();

  /// Hands over lines for which there was no room before; reads, or waits, as the owner may. To be
  /// called at the end of each turn, when the sinks have been written.
  void end_of_turn();

  /// Marks what is in the source now as unread; `connect_source` does so, too.
  void mark_unread();
  /// Whether some of what was marked has not been taken by the owner yet, and will be: the line it
  /// is in grows by kGrowth within kNoReader. False if the source is not being read, unless
  /// `is_held`: then it will be read later.
  [[nodiscard]] bool has_unread(bool is_held) const;

  [[nodiscard]] bool has_source() const { return static_cast<bool>(source_); }

  /// Whether the source is read when bytes come.
  [[nodiscard]] bool is_reading() const { return reading_; }

 private:
  void on_source_ready(Ready ready);
  void read();
  void hand_over();
  [[nodiscard]] std::size_t most_to_read() const;

  Reactor& reactor_;
  Owner& owner_;
  LineReader reader_;
  Stream source_;
  std::optional<Reactor::Watch> watch_;
  bool reading_ = false;    // see is_reading
  bool hung_up_ = false;    // the owner has been told of the hangup
  bool has_lines_ = false;  // the reader may hold whole lines, or its end
  bool ended_ = false;      // nothing more will be read
  int error_ = 0;           // errno of the read that failed; 0 at a normal end
  std::size_t unread_ = 0;  // bytes marked and not taken by the owner
  std::size_t grown_ = 0;   // by which the line has grown since `moved_`
  Time moved_{};            // when bytes were marked or taken, or enough of a line had come
  std::optional<std::size_t> left_;  // bytes to read: see end_when_dry
};

}  // namespace stdiogate
