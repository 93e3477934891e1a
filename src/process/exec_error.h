#pragma once

#include <string>

namespace stdiogate {

/// Why a command could not be run.
struct NotStarted {
  int error = 0;       // an errno
  int status = 126;    // as a shell's: 127 for no such command, 126 for one that cannot be run
  std::string reason;  // for people, with what to do about it
};

/// `error`: what exec said. ENOENT has two meanings that it does not tell apart: no such file, and
/// a script whose interpreter does not exist.
[[nodiscard]] NotStarted explain_not_started(const std::string& command, int error);

}  // namespace stdiogate
