#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stdiogate/reactor.h"
#include "stdiogate/router.h"

#include "src/gate/options.h"
#include "src/gate/server_stderr.h"
#include "src/io/lane.h"
#include "src/io/outlet.h"
#include "src/io/sink.h"
#include "src/process/child_process.h"
#include "src/report/stats.h"

namespace stdiogate {

/// One server, from its start until nothing of it is left: its process, the lane from its stdout,
/// the sink to its stdin, its stderr.
class Server final : Lane::Owner, Sink::Owner, ChildProcess::Owner {
 public:
  /// What all servers of a gate share. All of it must outlive them.
  struct Shared {
    const Options& options;
    Reactor& reactor;
    Launcher& launcher;
    Router& router;
    Outlet& err;
    Log& log;
    Statistics& counts;
  };

  /// Starts it. If that fails it is as one that could not be run.
  Server(Router::ServerNumber number, Shared& shared);

  [[nodiscard]] Router::ServerNumber number() const { return number_; }
  [[nodiscard]] Sink& in() { return in_; }
  [[nodiscard]] const Sink& in() const { return in_; }

  /// Reads what may be read, and does what its state asks for next. Called at the end of each turn.
  void go_on();

  /// Closes its stdin, throwing away what waits for it, and takes the ladder: SIGTERM after
  /// `grace`, SIGKILL after `kill_grace` more. A further call can only make it sooner.
  void let_go(Duration grace, Duration kill_grace);

  /// The same, but that its stdin is closed when what waits for it is written; the ladder does not
  /// wait for that.
  void let_go_when_written(Duration grace);

  /// Kills all that is left of it.
  void kill();

  /// Another serves in its place, or it was to replace one and could not: its end is of no account.
  bool replaced = false;

  /// A line it has written to its stdout that is no message.
  void note(std::string_view line) { stderr_.note(line); }

  /// Whether its command has been found and runs, or has run.
  [[nodiscard]] bool has_started() const { return started_; }

  /// Whether it is of no use any more: it could not be run, it has closed its stdin or its stdout,
  /// or it was let go.
  [[nodiscard]] bool is_leaving() const { return leaving_; }

  /// Whether nothing of it is left, and all it has said is judged.
  [[nodiscard]] bool is_finished() const { return finished_ && !out_.has_source(); }

  /// Why it could not be run, as an errno.
  [[nodiscard]] std::optional<int> not_started() const { return not_started_; }

  /// How it has ended; status 0 if that is not known.
  [[nodiscard]] ServerEnd end() const { return end_.value_or(ServerEnd{}); }

  /// Whether it was sent a signal by the gate before it ended.
  [[nodiscard]] bool was_signalled() const { return signalled_; }

  /// The last it has said on its stderr.
  [[nodiscard]] std::string_view last_words();

 private:
  // Lane::Owner
  [[nodiscard]] bool may_read() const override { return shared_.router.may_read_server(number_); }
  [[nodiscard]] bool on_lines(LineReader& lines) override;
  void on_source_end(int error) override;
  void on_source_hangup() override {}
  // Sink::Owner
  void on_sink_gone(Sink& sink, int error) override;
  // ChildProcess::Owner
  void on_started(pid_t pid) override;
  void on_not_started(int error) override;
  void on_exited(const ServerEnd& end) override;
  void on_rung(const char* signal) override;
  void on_finished(std::uint32_t killed) override;

  void leave(Duration grace, Duration kill_grace);
  void note_not_started(int error);

  Router::ServerNumber number_;
  Shared& shared_;
  Sink in_;
  Lane out_;
  Stream unread_;  // its stdout, until it is known to run
  ServerStderr stderr_;
  ChildProcess child_;
  bool started_ = false;
  bool leaving_ = false;
  bool deaf_ = false;    // reads no more, but may still have to answer
  bool let_go_ = false;  // by the gate
  bool finished_ = false;
  bool signalled_ = false;
  std::optional<int> not_started_;
  std::optional<ServerEnd> end_;
};

}  // namespace stdiogate
