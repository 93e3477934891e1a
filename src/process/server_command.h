#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stdiogate {

/// What is ended when a server has ended.
enum class KillMode : std::uint8_t {
  leaks,  // whatever it has started, except what was let go on purpose
  all,    // whatever it has started
  group,  // only what is still in its process group
};

/// What to run, and what to end when it is over.
struct ServerCommand {
  std::vector<std::string> argv;  // at least one
  KillMode kill_mode = KillMode::leaks;
  std::string directory = {};  // where to run it if the working directory is gone; may be empty

  bool operator==(const ServerCommand&) const = default;
};

}  // namespace stdiogate
