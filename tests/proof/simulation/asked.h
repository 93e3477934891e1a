#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "stdiogate/clock.h"
#include "stdiogate/router.h"

#include "tests/proof/simulation/sent.h"

namespace stdiogate::simulation {

/// A request that has no outcome yet.
struct Asked {
  std::uint32_t serial = 0;   // counts the requests of its side, from 0
  std::uint32_t arrival = 0;  // counts those of the client, refused and waiting ones too
  Sent sent{};
  Time start{};
  std::optional<Time> deadline{};
  std::optional<Time> max_deadline{};  // progress may move the deadline up to here
  Duration timeout{};
  bool in_reserve = false;
  bool is_again = false;            // it waits, and a lost server had it
  bool named_by_token = false;      // progress has come under its wire id
  Router::ServerNumber server = 0;  // who has it, or has asked
  bool is_own = false;              // of the gate's own: whether the server takes over
  std::uint32_t batch = 0;          // 0: none
};

/// The last of them that fits, or null.
template <class Fits>
Asked* newest(std::vector<Asked>& list, Fits fits) {
  for (std::size_t i = list.size(); i-- > 0;) {
    if (fits(list[i])) return &list[i];
  }
  return nullptr;
}

/// The last of them with that id, or null.
inline Asked* newest_with(std::vector<Asked>& list, const Id& id) {
  return newest(list, [&](const Asked& asked) { return asked.sent.id.key == id.key; });
}

/// One of them, taken out.
inline Asked taken(std::vector<Asked>& list, Asked* which) {
  Asked asked = std::move(*which);
  list.erase(list.begin() + (which - list.data()));
  return asked;
}

}  // namespace stdiogate::simulation
