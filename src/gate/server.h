#pragma once

#include <signal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/reactor.h"
#include "stdiogate/router.h"

#include "src/gate/interruption.h"
#include "src/gate/options.h"
#include "src/gate/secrets.h"
#include "src/gate/server_account.h"
#include "src/gate/server_stderr.h"
#include "src/io/lane.h"
#include "src/io/outlet.h"
#include "src/io/sink.h"
#include "src/process/child_process.h"
#include "src/report/files.h"
#include "src/report/stats.h"
#include "src/text.h"

namespace stdiogate {

/// One server, from its start until nothing of it is left: its process, the lane from its stdout,
/// the sink to its stdin, its stderr.
///
/// Handlers only note what has happened to it. What follows is decided at the end of the turn, by
/// the supervisor, and done by `enter`.
class Server final : Lane::Owner, Sink::Owner, ChildProcess::Owner {
 public:
  /// What all servers of a gate share. All of it must outlive them.
  struct Shared {
    const Options& options;
    Reactor& reactor;
    Launcher& launcher;
    Router& router;
    const Sink& client;
    Outlet& err;
    Log& log;
    Statistics& counts;
    const Secrets& secrets;
    Files& files;

    /// The router's time. It stands still while the client takes nothing: requests wait for the
    /// client then, not for the server.
    [[nodiscard]] Time now() const { return reactor.now() - client.stalled(); }

    /// Logs that a stream could not be read or written, unless `error` is 0. `way`: from or to.
    void note_failure(std::string_view event, std::string_view way, std::string_view peer,
                      int error) const {
      if (error == 0) return;
      log.write(LogLevel::error, event, {{way, peer}, {"reason", errno_text(error)}});
    }
  };

  /// Its life, in this order; it may skip stages.
  enum class Stage : std::uint8_t {
    starting,  // the router does not know it: it must run first
    opening,   // the router asks it whether it can serve
    serving,   // it gets what the client sends
    retired,   // it gets no more requests, but answers those it has
    leaving,   // its stdin is closed, or will be when it is flushed; the ladder is taken
    gone,      // nothing of it is left, and all it has said is judged
  };

  /// Starts its process. If that fails it is like one that could not be run. `must_answer`: see
  /// Router::connect.
  Server(Router::ServerNumber number, Shared& shared, bool must_answer);

  [[nodiscard]] Router::ServerNumber number() const { return number_; }
  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] Sink& sink() { return sink_; }
  [[nodiscard]] const Sink& sink() const { return sink_; }

  /// The one function that changes its stage, and does to lane, sink, ladder and router what that
  /// means.
  void enter(Stage next);

  /// Reads what may be read, and sees to the end of its process. Called at the end of each turn.
  void end_of_turn();

  /// Enters `leaving`: its stdin is closed. A further call can only make it sooner.
  void let_go(const Ladder& ladder);

  /// Ends its input: its stdin is closed as soon as the queued bytes are written. It leaves when it
  /// has answered what it was asked. `now`: of the queued lines it gets only the one it has begun
  /// to read, the requests in the others are answered by the gate.
  void end_input(bool now);

  /// Sends it SIGINT, after which it may end or go on.
  void interrupt();
  /// It has answered this request.
  void note_answer(std::uint64_t wire_id) { interruption_.note_answer(wire_id); }
  /// Whether SIGINT has ended it, or still may.
  [[nodiscard]] bool was_interrupted() const { return interruption_.is_open(); }

  /// Kills all that is left of it.
  void kill();

  /// Another serves in its place, or it was to replace one and could not, or the supervisor has
  /// passed it over: nothing follows from its end.
  bool replaced = false;

  /// It was passed over, and no other will follow: the gate ends as it does.
  bool is_last = false;

  /// What its end may mean, for its error.
  std::string hint;

  /// See Lane.
  void mark_unread() { lane_.mark_unread(); }
  [[nodiscard]] bool has_unread(bool is_held) const {
    return unread_.bytes_to_read() > 0 || lane_.has_unread(is_held);
  }

  /// A line it has written to its stdout that is no message.
  void note(std::string_view line) { stderr_.note(line, shared_.secrets); }

  /// Whether its command has been found and runs, or has run.
  [[nodiscard]] bool has_started() const { return started_; }

  /// Whether it has ever served.
  [[nodiscard]] bool has_served() const { return served_; }

  /// Whether it can take no more requests: it could not be run, or has closed its stdin or stdout.
  [[nodiscard]] bool is_useless() const;

  /// Whether it reads no more, but its end may be far: it may still answer, waits for the ladder, or
  /// has exited, and a descendant holds its stdout.
  [[nodiscard]] bool lingers() const;

  /// Whether it has read all that it was sent, and has never said anything.
  [[nodiscard]] bool is_silent() const {
    return !has_spoken_ && !sink_.is_busy() && sink_.is_read();
  }

  /// Whether the gate decided that it ends.
  [[nodiscard]] bool was_let_go() const { return let_go_; }

  /// Its end says nothing: another has taken its place, or it was told to end.
  [[nodiscard]] bool is_dismissed() const { return replaced || let_go_; }

  /// Whether it has nothing left to answer, or cannot.
  [[nodiscard]] bool is_done() const;

  /// Whether nothing of it is left, and all it has said is judged.
  [[nodiscard]] bool is_finished() const { return finished_ && !lane_.has_source(); }

  /// Why it could not be run.
  [[nodiscard]] const std::optional<NotStarted>& not_started() const { return not_started_; }

  /// How it has ended, if it has.
  [[nodiscard]] ServerAccount account();

 private:
  // Lane::Owner
  [[nodiscard]] bool may_read() const override { return shared_.router.may_read_server(number_); }
  [[nodiscard]] bool on_lines(LineReader& lines) override;
  void on_source_end(int error) override;
  void on_source_hangup() override {}
  // Sink::Owner
  void on_sink_gone(int error) override;
  void on_unsent(std::string_view lines) override;
  // ChildProcess::Owner
  void on_started(pid_t pid) override;
  void on_not_started(const NotStarted& why) override;
  void on_exited(const ServerEnd& end) override;
  void on_rung(const char* signal) override;
  void on_cannot_sweep(const std::string& why) override;
  void on_left_alone(pid_t pid, std::string_view name) override;
  void on_finished(std::uint32_t ended) override;

  [[nodiscard]] bool has_said_all() const;
  [[nodiscard]] GateError end_error(bool may_have_had);
  void expect_end();
  void begin_last_moment();
  void on_last_moment();
  void close_stdin();
  void take_back_unsent();

  Router::ServerNumber number_;
  Shared& shared_;
  bool must_answer_;
  Stage stage_ = Stage::starting;
  Ladder ladder_;
  Sink sink_;
  Lane lane_;
  Stream unread_;  // its stdout, until it is known to run
  ServerStderr stderr_;
  ChildProcess child_;
  Reactor::Timer death_timer_;
  Reactor::Timer last_moment_;
  bool had_last_moment_ = false;  // since it has closed its stdin
  std::string unsent_;            // lines that it will never get, not yet taken back
  bool started_ = false;
  bool served_ = false;
  bool has_spoken_ = false;
  bool input_ends_ = false;
  bool let_go_ = false;        // by the gate
  Interruption interruption_;  // by the router's time
  bool finished_ = false;
  bool signalled_ = false;
  std::optional<NotStarted> not_started_;
  std::optional<ServerEnd> end_;
};

}  // namespace stdiogate
