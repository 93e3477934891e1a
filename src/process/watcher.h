#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/io/fd.h"
#include "src/process/sweep.h"

/// The process between the gate and a server.
///
///     gate --- watcher --- server --- whatever it starts
///
/// It has one purpose: that nothing of the server's outlives the gate, even if that is killed with
/// SIGKILL. It is the subreaper of one server: whatever the server starts, in whatever group or
/// session, becomes the watcher's child when its own parent ends. The end of its control socket
/// means that the gate is dead: it kills them all, except what was let go on purpose. Only the
/// watcher signals: its children keep their pids until it reaps them, so that no recycled pid is
/// ever hit.
///
/// It holds no descriptor of the client's and has another name than the gate.
namespace stdiogate {

/// What to run, and what to end when it is over.
struct ServerCommand {
  std::vector<std::string> argv;  // at least one
  KillMode kill_mode = KillMode::leaks;
  std::string directory = {};  // where to run it if the working directory is gone; may be empty

  bool operator==(const ServerCommand&) const = default;
};

/// From the gate to a watcher. The end of the socket means `kill`.
struct WatcherCommand {
  enum class Kind : std::uint32_t {
    signal,  // sends it to the server's group
    finish,  // SIGKILL to the server, SIGTERM to what it leaves, SIGKILL to what stays
    kill,    // SIGKILL to all of them
  };
  Kind kind = Kind::signal;
  std::int32_t signal = 0;
};

/// From a watcher to the gate.
struct WatcherReport {
  enum class Kind : std::uint32_t {
    started,        // it runs. value: the server's pid
    not_started,    // value: errno; more: 1 if it is the working directory that is missing
    exited,         // value: exit status; more: the signal that killed it, or 0
    out_of_memory,  // as exited, but the kernel killed it since its memory was used up
    left_alone,     // value: the pid of a descendant that stays; name: its name
    cannot_sweep,   // what leaves the server's group cannot be found. value: errno, 0 for /proc
    finished,       // the watcher ends. value: how many descendants of the server's were ended
  };
  Kind kind = Kind::started;
  std::int32_t value = 0;
  std::int32_t more = 0;
  char name[16] = {};
};

/// A watcher's ends: the socket to the gate, and what become the server's descriptors 0, 1 and 2.
struct WatcherEnds {
  Fd control;  // SOCK_SEQPACKET: WatcherCommand from the gate, WatcherReport to it
  Fd to_stdin;
  Fd from_stdout;
  Fd from_stderr;
};

/// Makes a watcher of this process, just forked from the gate, and ends with it.
[[noreturn]] void run_watcher(const ServerCommand& command, WatcherEnds ends);

}  // namespace stdiogate
