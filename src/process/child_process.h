#pragma once

#include <signal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/reactor.h"
#include "stdiogate/server_end.h"

#include "src/io/stream.h"
#include "src/process/exec.h"
#include "src/process/launcher.h"

namespace stdiogate {

/// How a server is ended once its stdin is closed.
struct Ladder {
  Duration grace;        // until `signal`
  Duration kill_grace;   // from there until SIGKILL
  int signal = SIGTERM;  // or SIGHUP
};

/// One server process and its ladder, from its start to the end of everything it has started.
///
/// The ladder: its stdin is closed (by whoever holds that end), then SIGTERM to its group, then
/// SIGKILL. Each rung is taken once.
class ChildProcess {
 public:
  /// Who owns it. Calls come from the reactor's turn: on_finished exactly once, on_left_alone once
  /// for each descendant that stays, each of the others at most once.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_started(pid_t pid) = 0;
    /// It could not be run; on_exited does not come.
    virtual void on_not_started(const NotStarted& why) = 0;
    /// The process has ended. What it has started may live on and may hold its pipes.
    virtual void on_exited(const ServerEnd& end) = 0;
    /// A rung of the ladder was taken because its time had come.
    virtual void on_rung(const char* signal) = 0;
    /// What it leaves outside its process group cannot be found, and will not be ended. `why`: a
    /// clause.
    virtual void on_cannot_sweep(const std::string& why) = 0;
    /// A descendant stays: it was let go on purpose.
    virtual void on_left_alone(pid_t pid, std::string_view name) = 0;
    /// Nothing else of it is left; `ended` descendants had to be ended. Nothing comes after this.
    virtual void on_finished(std::uint32_t ended) = 0;
  };

  /// The gate's ends of its standard streams.
  struct Ends {
    Stream to_stdin;
    Stream from_stdout;
    Stream from_stderr;
  };

  /// All must outlive it.
  ChildProcess(Reactor& reactor, Launcher& launcher, Owner& owner);

  /// Starts it, once. Throws std::system_error.
  [[nodiscard]] Ends start();

  /// Signals its process group, unless it has finished before, and then ends the processes that are
  /// left. A further call can only make it sooner.
  void take_ladder(const Ladder& ladder);

  /// Sends a signal to its process group.
  void signal(int signal);

  /// Ends what it has left behind: SIGTERM, and SIGKILL half a second later. It is killed itself if
  /// it has not ended.
  void finish();

  /// Kills all that is left now.
  void kill();

 private:
  void on_control_ready();
  void on_report(const WatcherReport& report);
  void on_exited(const ServerEnd& end);
  void on_watcher_lost();
  void forget_watcher();
  void next_rung();
  void end(WatcherCommand::Kind how);
  void command(const WatcherCommand& command) const;

  Reactor& reactor_;
  Launcher& launcher_;
  Owner& owner_;
  Fd control_;
  pid_t watcher_ = 0;
  pid_t server_ = 0;
  std::optional<Reactor::Watch> control_watch_;
  Reactor::Timer rung_timer_;
  Ladder ladder_{};
  Time rung_deadline_{};
  bool terminated_ = false;
  std::optional<WatcherCommand::Kind> ending_;  // what it was told last
  bool exited_ = false;
};

}  // namespace stdiogate
