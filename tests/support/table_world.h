#pragma once

#include <string>
#include <vector>

#include "stdiogate/request_table.h"

namespace stdiogate {

inline const Time kNow{std::chrono::hours(1)};
inline const Outcome kAnswered{.ending = Ending::answered};

/// A table and the outcomes its continuations were told of, as "id:ending".
struct TableWorld {
  explicit TableWorld(RequestTable::Limits limits) : table(limits) {}

  std::uint64_t open(std::string_view id, RequestTable::NewRequest request = {}, Time now = kNow) {
    request.id = id;
    return table.open(request, now, [this](const Request& done, const Outcome& outcome) {
      told.push_back(std::string(done.id()) + ":" +
                     std::to_string(static_cast<int>(outcome.ending)));
    });
  }

  RequestTable table;
  std::vector<std::string> told;
};

using Told = std::vector<std::string>;

}  // namespace stdiogate
