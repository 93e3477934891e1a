#pragma once

#include <string>

namespace stdiogate {

/// Why a command could not be run, for people, and with which status a shell would end.
struct NotStarted {
  int status = 126;  // 127: there is no such command; 126: there is, but it cannot be run
  std::string reason;
};

/// `error`: what execvp said. ENOENT has two meanings that it does not tell apart: no such file,
/// and a script whose interpreter does not exist.
[[nodiscard]] NotStarted explain_not_started(const std::string& command, int error);

}  // namespace stdiogate
