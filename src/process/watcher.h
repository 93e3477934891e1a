#pragma once

#include <sys/types.h>

#include <cstdint>

#include "src/io/fd.h"
#include "src/process/server_command.h"

/// The processes between the gate and the server.
///
///     gate --- launcher --- watcher --- server --- whatever it starts
///
/// Both have one purpose: that nothing of the server's outlives the gate, even if that is killed
/// with SIGKILL. The **watcher** is the subreaper of one server: whatever the server starts, in
/// whatever group or session, ends up as the watcher's child when its own parent is gone. The end
/// of its control socket means that the gate is dead: it kills them all. Only the watcher signals:
/// its children keep their pids until it reaps them, so that no recycled pid is ever hit.
///
/// The **launcher** is forked first thing in main, while the program is small, and forks a watcher
/// for each start of the server: forked from the gate later, a watcher would hold a copy of
/// whatever the gate has in memory. Both hold no descriptor of the client's and have another name
/// than the gate.
namespace stdiogate {

/// From the gate to a watcher.
enum class WatcherCommand : std::uint8_t {
  terminate,  // SIGTERM to the server's group
  finish,     // SIGKILL to all that is left; then report `finished` and exit
};

/// From a watcher to the gate.
struct WatcherReport {
  enum class Kind : std::uint32_t {
    started,      // it runs. value: the server's pid; more: the watcher's
    not_started,  // value: errno. `exited` follows
    exited,       // value: exit status; more: the signal that killed it, or 0
    finished,     // value: how many descendants of the server's had to be killed
  };
  Kind kind = Kind::started;
  std::int32_t value = 0;
  std::int32_t more = 0;
};

/// The gate's side of the launcher.
class Launcher {
 public:
  /// Forks it. `argc` and `argv` are main's: the launcher overwrites them in its own memory, so
  /// that who kills processes by their command line does not take it for the gate. Throws
  /// std::system_error.
  Launcher(const ServerCommand& command, int argc, char** argv);

  /// Waits until it is gone.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  /// The gate's ends of a server that has been asked for.
  struct Server {
    Fd control;  // SOCK_SEQPACKET: WatcherCommand to it, WatcherReport from it
    Fd in;       // to the server's stdin
    Fd out;      // from its stdout
    Fd err;      // from its stderr
  };

  /// Asks for a watcher with a server. Throws std::system_error if there are no descriptors or no
  /// launcher left.
  [[nodiscard]] Server start();

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  Fd socket_;
  pid_t pid_ = -1;
};

/// What a watcher is made of; it ends with the process.
struct WatcherEnds {
  Fd control;
  Fd in;  // the server's, to be its descriptors 0, 1 and 2
  Fd out;
  Fd err;
};
[[noreturn]] void run_watcher(const ServerCommand& command, WatcherEnds ends);

}  // namespace stdiogate
