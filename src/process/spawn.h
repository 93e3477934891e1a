#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "src/io/fd.h"

namespace stdiogate {

/// Closes all descriptors except 0 to 2 and these.
void close_all_except(std::vector<int> kept);

/// The descriptors of ours that a command names as /dev/fd/N or /proc/self/fd/N, anywhere in its
/// words: `server <(secret)`.
[[nodiscard]] std::vector<int> named_descriptors(const std::vector<std::string>& argv);

/// How a server is started.
struct Spawn {
  const std::vector<std::string>& argv;
  const Fd& stdin_end;
  const Fd& stdout_end;
  const Fd& stderr_end;
};

/// Starts it as the leader of a process group, with default signals; it ends with this process.
/// Returns its pid, or -1; `error` is an errno where its command could not be run.
[[nodiscard]] pid_t spawn(const Spawn& how, int& error);

}  // namespace stdiogate
