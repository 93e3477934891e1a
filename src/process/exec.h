#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stdiogate {

/// The files that a command may mean, in the order to try them: the command itself if it has a
/// slash, else one in each directory of PATH.
[[nodiscard]] std::vector<std::string> files_of(std::string_view command);

/// Whether the file's first line holds a NUL byte: then it is no script.
[[nodiscard]] bool is_binary(const std::string& file);

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
