#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace stdiogate {

/// The children of this process now, zombies included; nothing if /proc cannot say. Only children
/// can be signalled safely: a child keeps its pid until it is reaped.
[[nodiscard]] std::optional<std::vector<pid_t>> children();

/// Whether this child has ended and waits to be reaped.
[[nodiscard]] bool is_zombie(pid_t child);

/// Reaps the children that have ended, except `spared`.
void reap_children(pid_t spared);

/// Kills (SIGKILL) and reaps all children except `spared`, and what those leave behind to this
/// process, the subreaper, until none is left. Returns how many died of it, not counting
/// `uncounted`. Blocks until the kernel has let them die.
std::uint32_t kill_children(const std::vector<pid_t>& spared, pid_t uncounted);

}  // namespace stdiogate
