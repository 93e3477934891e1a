#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stdiogate {

enum class KillMode : std::uint8_t {
  all,    // whatever the server has started
  group,  // not what has left the server's process group
};

/// What to run, and what to kill when it is over.
struct ServerCommand {
  std::vector<std::string> argv;  // at least one
  KillMode kill_mode = KillMode::all;
};

}  // namespace stdiogate
