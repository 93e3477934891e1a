#include "src/process/sweep.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "src/process/process_tree.h"

namespace stdiogate {

// A process that dies hands its children over to us, perhaps after the list was read. So the last
// pass is the one that finds neither a zombie nor a process that must end.
bool Sweep::pass(int signal) {
  bool more = false;
  for (const pid_t child : children().value_or(std::vector<pid_t>{})) {
    if (scope_.spared.contains(child)) continue;
    if (is_zombie(child)) {
      reap(child);
      more = true;
    } else if (must_end(child)) {
      more = signal_child(child, signal) || more;
    }
  }
  return more;
}

/// One that a signal to the group has ended counts, too.
void Sweep::reap(pid_t child) {
  int status = 0;
  (void)::waitpid(child, &status, 0);
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (signal == SIGTERM || signal == SIGKILL) signalled_.insert(child);
}

bool Sweep::must_end(pid_t child) const {
  switch (scope_.mode) {
    case KillMode::leaks: return !was_let_go(child, scope_.session);
    case KillMode::all: return true;
    case KillMode::group: return ::getpgid(child) == scope_.group;
  }
  return true;
}

/// False: it runs as another user, so that nothing can end it.
bool Sweep::signal_child(pid_t child, int signal) {
  if (signal == 0) return true;
  if (signal != SIGKILL && signalled_.contains(child)) return true;
  if (::kill(child, signal) != 0) return errno != EPERM;
  // A stopped process has to go on to see the signal.
  if (signal != SIGKILL) (void)::kill(child, SIGCONT);
  signalled_.insert(child);
  return true;
}

std::vector<pid_t> Sweep::left_alone() const {
  std::vector<pid_t> pids = children().value_or(std::vector<pid_t>{});
  std::erase_if(pids, [this](pid_t pid) { return scope_.spared.contains(pid) || must_end(pid); });
  return pids;
}

}  // namespace stdiogate
