#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "src/process/exec.h"
#include "src/process/watcher.h"

namespace stdiogate {

/// Starts servers, each under a watcher of its own, and reaps what becomes a child of the gate.
class Launcher {
 public:
  /// `own_words`: this program's command line, one word after the other. A watcher overwrites its
  /// copy, so that `pkill -f` with the gate's command line does not hit it as well.
  Launcher(const ServerCommand& command, std::span<char> own_words);

  /// Gives the watchers a moment to end.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  struct Server {
    pid_t watcher = 0;
    WatcherEnds ends;  // the gate's
  };

  /// Forks a watcher that starts the server. Throws std::system_error.
  [[nodiscard]] Server start();

  /// Reaps the children that have ended.
  void reap();

  /// Ends what a watcher that was killed has left behind: the gate, the next subreaper above, has
  /// inherited it. Returns how many processes that were.
  std::uint32_t kill_left_by(pid_t watcher, pid_t server);

  /// Why the command could not be run. `directory`: its working directory is what was missing.
  [[nodiscard]] NotStarted explain(int error, bool directory) const;

 private:
  const ServerCommand& command_;
  std::span<char> own_words_;
  std::vector<pid_t> inherited_;  // children that this process had before its exec
  std::vector<pid_t> watchers_;   // not reaped yet
};

}  // namespace stdiogate
