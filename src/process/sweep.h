#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace stdiogate {

/// What is ended when a server has ended.
enum class KillMode : std::uint8_t {
  leaks,  // whatever it has started, except what was let go on purpose
  all,    // whatever it has started
  group,  // only what is still in its process group
};

/// Ends what a server has left behind to this process, its subreaper, one pass after the other:
/// a process that ends leaves its own children.
class Sweep {
 public:
  struct Scope {
    KillMode mode = KillMode::leaks;
    pid_t session = 0;       // the server's
    pid_t group = 0;         // the server's
    std::set<pid_t> spared;  // children to leave alone; they are not reaped either
  };
  explicit Sweep(Scope scope) : scope_(std::move(scope)) {}

  /// Reaps the children that have ended and sends the others this signal: SIGTERM once, SIGKILL
  /// each time, 0 for none. Returns whether another pass is needed.
  bool pass(int signal);

  /// How many processes were ended so far.
  [[nodiscard]] std::uint32_t ended() const {
    return static_cast<std::uint32_t>(signalled_.size());
  }

  /// The children that stay: they were let go on purpose, or left the group.
  [[nodiscard]] std::vector<pid_t> left_alone() const;

 private:
  void reap(pid_t child);
  [[nodiscard]] bool must_end(pid_t child) const;
  [[nodiscard]] bool signal_child(pid_t child, int signal);

  Scope scope_;
  std::set<pid_t> signalled_;
};

}  // namespace stdiogate
