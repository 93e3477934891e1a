#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stdiogate {

/// The children of this process now, zombies included. Nothing if /proc cannot say: it is not
/// mounted, or shows the numbers of another PID namespace. Only children can be signalled safely:
/// a child keeps its pid until it is reaped.
[[nodiscard]] std::optional<std::vector<pid_t>> children();

/// Whether this child has ended and was not reaped yet.
[[nodiscard]] bool is_zombie(pid_t child);

/// Reaps the children that have ended, except `spared`.
void reap_children(pid_t spared);

/// Whether a child was let go on purpose by something that ran in `session`: it is in another
/// session, and its stdout and stderr are neither pipe nor socket; or it is in the session of such
/// a process.
[[nodiscard]] bool was_let_go(pid_t child, pid_t session);

/// The number at the beginning of the text; 0 if there is none.
[[nodiscard]] int number_in(std::string_view text);

/// The entries of a directory of /proc that are numbers, 0 for each that is none; nothing if it
/// cannot be read.
[[nodiscard]] std::optional<std::vector<int>> numbers_in_directory(const char* path);

/// The process's name; empty if it is not known.
[[nodiscard]] std::string name_of(pid_t process);

/// How many processes of our control group (version 2) the kernel has killed because its memory was
/// used up; 0 if it is not known. `root`: where / is, for a test.
[[nodiscard]] int memory_kills(const std::string& root = "");

}  // namespace stdiogate
