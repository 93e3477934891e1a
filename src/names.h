#pragma once

#include <string>

namespace stdiogate {

/// "SIGKILL" for 9. One that has no name here: "signal 42".
[[nodiscard]] std::string signal_name(int signal);

/// "ENOENT" for 2. One that has no name here: "errno 242".
[[nodiscard]] std::string errno_name(int error);

/// What an errno means, as the system says it: "No such file or directory".
[[nodiscard]] std::string errno_text(int error);

}  // namespace stdiogate
