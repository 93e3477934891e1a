#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stdiogate/clock.h"

#include "src/process/watcher.h"

namespace stdiogate::lifecycle {

/// What a schedule has in place of a server and its watcher: the far ends of the server's pipes and
/// of the watcher's socket. It does nothing by itself.
class Server {
 public:
  /// What the schedule must know of it.
  class Owner {
   public:
    virtual ~Owner() = default;
    /// It has read the client's request `n`, or leaves it in its stdin, which it closes.
    virtual void on_read(int n) = 0;
    /// It has closed its stdin, and lives or leaves a helper.
    virtual void on_deaf(const Server& server) = 0;
    /// Its answer to the client's request `n` is in its stdout as a whole.
    virtual void on_answered(Server& server, int n) = 0;
    /// It is asked to end, by a signal; or it is ended, though it lives (`signal` SIGKILL).
    virtual void on_signal(Server& server, int signal) = 0;
    /// It has found the end of its input, and half a line before it.
    virtual void on_cut_line(const Server& server) = 0;
  };

  Server(Owner& owner, int number, bool is_deaf);

  /// The gate's ends, once.
  [[nodiscard]] WatcherEnds gate_ends() { return std::move(gate_ends_); }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool has_started() const { return started_; }
  [[nodiscard]] bool has_exited() const { return exited_; }
  /// Nothing is left of it, nor of its watcher.
  [[nodiscard]] bool is_gone() const { return !control_; }
  [[nodiscard]] bool lives() const { return started_ && !exited_; }
  [[nodiscard]] bool is_deaf() const { return is_deaf_; }
  /// Whether it has its stdin and stdout.
  [[nodiscard]] bool is_whole() const { return in_ && out_; }
  [[nodiscard]] bool has_answered() const { return answered_ > 0; }
  [[nodiscard]] bool was_signalled() const { return signalled_; }

  /// Whether its stdin was at its end at the last look.
  [[nodiscard]] bool has_end_of_input() const { return end_of_input_.has_value(); }
  /// Since when its stdin is at its end, be it read or not. `now`: of this look.
  [[nodiscard]] std::optional<Time> end_of_input(Time now);

  /// Whether so much is in its stdin that the gate may have more for it; and whether that was so
  /// when it read, at any time.
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool was_full() const { return was_full_; }

  // What it may do. Each returns whether there was something to do.
  bool start(bool can_run);
  bool read();                   // takes all there is in its stdin
  bool answer(std::size_t pad);  // the oldest request, with `pad` bytes in its result
  bool refuse();                 // the oldest request: with an error
  bool write();                  // goes on with what did not fit
  bool say(const std::string& line);
  bool complain();  // to stderr
  bool close_stdin();
  bool close_stdout();
  enum class Leaves : std::uint8_t { nothing, stdout, both };
  /// `leaves`: what a child of it still holds, stdin being the other of both.
  bool exit(int status, int signal, Leaves leaves);
  bool end_helper();
  /// Does what the gate asks of the watcher. A deaf server does not mind signals.
  bool obey();
  bool lose_watcher();

  /// Whether it has something to answer, or to write.
  [[nodiscard]] bool has_open() const { return !open_.empty() || (out_ && !unwritten_.empty()); }
  /// Whether it is in the middle of a line, which nobody may ever end.
  [[nodiscard]] bool is_within_line() const { return out_ && !unwritten_.empty(); }
  /// The client's requests that it has read and not answered.
  [[nodiscard]] std::vector<int> open_requests() const;

  /// Since when it is dead, as far as a gate can know: nothing of it reads any more, and unless it
  /// ended well nobody can answer for it.
  [[nodiscard]] std::optional<Time> dead_since(Time now);
  /// Since when nothing of it reads its stdin, though something may still write its stdout.
  [[nodiscard]] std::optional<Time> deaf_since(Time now);
  /// Whether the gate has asked for something that is not done yet.
  [[nodiscard]] bool is_asked() const;

 private:
  struct Request {
    std::string id;  // as the gate wrote it
    int n;           // the client's
  };

  void close_input();
  ssize_t fill();
  void take(const std::string& line);
  void report(const WatcherReport& report) const;
  void close_pipes();
  void end(int signal);
  bool reply(const std::string& member);

  Owner& owner_;
  int number_;
  bool is_deaf_;
  WatcherEnds gate_ends_;
  Fd control_;
  Fd in_;
  Fd out_;
  Fd err_;
  bool started_ = false;
  bool exited_ = false;
  bool signalled_ = false;
  bool was_full_ = false;
  int answered_ = 0;
  bool ended_badly_ = false;
  std::optional<Time> end_of_input_;
  std::optional<Time> dead_since_;
  std::optional<Time> deaf_since_;
  std::string unread_;  // a line that goes on
  std::vector<Request> open_;
  std::string unwritten_;
  std::size_t written_ = 0;                          // since it was made
  std::deque<std::pair<std::size_t, int>> answers_;  // where each ends, and its request
};

}  // namespace stdiogate::lifecycle
