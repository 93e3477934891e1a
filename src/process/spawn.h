#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "src/process/watcher.h"

namespace stdiogate {

/// Closes all descriptors except 0 to 2 and these.
void close_all_except(std::vector<int> kept);

/// The descriptors of ours that a command names as /dev/fd/N or /proc/self/fd/N, anywhere in its
/// words: `server <(secret)`.
[[nodiscard]] std::vector<int> named_descriptors(const std::vector<std::string>& argv);

/// Starts a server as the leader of a process group, with default signals; it ends with this
/// process. Returns its pid, or -1; `error` is an errno where its command could not be run.
[[nodiscard]] pid_t spawn(const std::vector<std::string>& argv, const WatcherEnds& ends,
                          int& error);

}  // namespace stdiogate
