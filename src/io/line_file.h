#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/reactor.h"

#include "src/io/fd.h"

namespace stdiogate {

/// Where a line can be made in place, which saves copying it.
class LineRoom {
 public:
  virtual ~LineRoom() = default;
  /// Room for a line of at most `n` bytes, good until anything else is asked of it.
  [[nodiscard]] virtual char* begin_line(std::size_t n) = 0;
  /// Puts the line that was made there: `end` is where it ends, after its newline.
  virtual void end_line(const char* end) = 0;
};

/// A file of ours that grows by whole lines: the log, a trace, a record.
///
///     put -> queue_ -> flush: look at the name, write        put, over the limit: FILE -> FILE.1
///
/// Nothing ever waits for it. A file that cannot be written is tried
/// again each second, as long as there are lines for it; those that come meanwhile are lost and
/// counted. Of a line that does not fit on the disk nothing stays in a regular file. Before it is
/// written its name is looked at, once a second: a file that was renamed or removed is made anew.
/// What is not a regular file (a FIFO, a terminal, /dev/null), or a stream that is open already
/// (/dev/stderr), is neither made anew nor limited. A FIFO without a reader cannot be written; what
/// a full one has no room for is written as soon as it has.
///
/// SIGXFSZ and SIGPIPE must be ignored.
class LineFile final : public LineRoom {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// From now on lines are lost; `error`: why, as an errno. Called once until it is over.
    virtual void on_lines_lost(const LineFile& file, int error) = 0;
    /// A line, with its newline, that says in the file how many are missing here.
    [[nodiscard]] virtual std::string lost_line(std::uint64_t lines) = 0;
  };

  /// Opens nothing yet. `limit`: the most bytes of the file, unless one line alone has more; 0:
  /// none. `reactor` tells the time; both must outlive the file.
  LineFile(Reactor& reactor, Owner& owner, std::string path, std::uint64_t limit);
  ~LineFile() override { flush(); }
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  /// Opens it now, not with the first line. Returns 0, or why it cannot be written.
  [[nodiscard]] int open();

  /// Queues a line, with its newline, for `flush`, or loses it.
  void put(std::string_view line);

  /// Says what was lost, if that can be said now. `put` does so, too: this is for an owner that
  /// numbers its lines, which calls it before it makes the next.
  void say_what_is_lost() { (void)is_ready(); }

  // LineRoom: as put
  [[nodiscard]] char* begin_line(std::size_t n) override;
  void end_line(const char* end) override;

  /// Writes what is queued, as far as there is room.
  void flush();

  /// Whether no lines are queued.
  [[nodiscard]] bool empty() const { return queued() == 0; }
  /// Whether lines are queued that do not wait for room.
  [[nodiscard]] bool wants_flush() const { return !empty() && !room_; }

  /// No line comes any more: what is queued is written or lost, and what was lost is said.
  void finish();

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Lines lost so far.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  [[nodiscard]] std::size_t queued() const { return end_ - taken_; }
  [[nodiscard]] bool is_ready();
  [[nodiscard]] bool open_again();
  [[nodiscard]] bool say_loss();
  void write_queue();
  [[nodiscard]] int watch_room();
  void on_room();
  void look();
  [[nodiscard]] bool is_over(std::size_t n) const;
  void make_room(std::size_t n);
  [[nodiscard]] int write(std::string_view& bytes);
  void cut_half_line(std::string_view written, std::size_t last);
  void lose(std::uint64_t lines, int error);
  void fail(int error);

  Reactor& reactor_;
  Owner& owner_;
  std::string path_;
  std::string target_;  // where that leads
  std::uint64_t limit_;
  std::string queue_;      // what was written of a long line, the lines, and spare room
  std::size_t taken_ = 0;  // where the lines begin that are queued
  std::size_t end_ = 0;    // and end
  Fd file_;
  std::optional<Reactor::Watch> room_;  // of a FIFO that is full: writes when it has room
  bool is_regular_ = false;             // and no stream that was open before
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::uint64_t size_ = 0;
  bool in_line_ = false;    // the last byte that was written is no newline
  bool is_losing_ = false;  // the owner has been told of the loss
  Time looked_{};           // when the name was last looked at
  Time next_try_{};         // when it is opened again, if it is not open
  std::uint64_t lost_ = 0;  // lines, in all
  std::uint64_t said_ = 0;  // lost lines that the file tells of
};

}  // namespace stdiogate
