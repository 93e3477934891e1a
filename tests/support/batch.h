#pragma once

#include <string>
#include <vector>

#include "tests/support/router_world.h"

namespace stdiogate {

/// A line with these elements.
inline std::string batch(const std::vector<std::string>& elements) {
  std::string line = "[";
  for (const std::string& element : elements)
    line.append(line.size() > 1 ? "," : "").append(element);
  return line + "]";
}

/// The wire ids of the requests that have reached the server.
inline std::vector<std::uint64_t> wire_ids(RouterWorld& world) {
  std::vector<std::uint64_t> ids;
  for (const std::string& line : world.at_server())
    ids.push_back(wire_id_in(line));
  return ids;
}

}  // namespace stdiogate
