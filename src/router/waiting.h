#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/request_table.h"

namespace stdiogate {

/// Requests that wait until they can be handed over, first in, first out, each with its line; those
/// that may use the reserve of slots in a line of their own, as they must not be starved by slow
/// work. Bounded in number and in bytes. One of them may leave for three reasons: its turn has
/// come, it has waited too long, or its sender has cancelled it.
class RequestQueue {
 public:
  struct Limits {
    std::uint32_t places = 0;  // the most that ever wait
    std::size_t bytes = 0;     // of all lines together
    Duration timeout{};        // zero: for ever
  };

  /// One that has left, with all that is needed to go on with it.
  struct Waiting {
    Request request;     // its wire_id is 0: the server has not seen it
    Duration timeout{};  // what it may take when it is sent
    std::string line;
    std::size_t id_offset = 0;  // of the id in the line
  };

  /// Takes no memory until something waits.
  explicit RequestQueue(const Limits& limits);

  /// Lets it wait, with a copy of its line, in which its id stands. False: there is no room, or
  /// `places` wait already.
  [[nodiscard]] bool push(const RequestTable::NewRequest& request, std::string_view line,
                          std::uint32_t places, Time now, const Continuation& continuation);

  /// The one that came first of those that may, or may not, use the reserve; null if none waits.
  [[nodiscard]] const Request* first(bool may_use_reserve) const;

  /// The one that came first of all, null if none waits.
  [[nodiscard]] const Request* first() const;

  /// The one that came last of those with this id, null if none.
  [[nodiscard]] const Request* newest(std::string_view id) const;

  /// Takes one out that `first`, `newest` or `due` has returned.
  [[nodiscard]] Waiting take(const Request& request);

  /// One that has waited too long, null if none has.
  [[nodiscard]] const Request* due(Time now) const;

  /// When the next will have waited too long.
  [[nodiscard]] std::optional<Time> next_deadline() const;

  [[nodiscard]] std::uint32_t size() const { return lines_[0].size() + lines_[1].size(); }

 private:
  struct Entry {
    std::string line;
    std::size_t id_offset = 0;
    Duration timeout{};
  };

  /// One line of them.
  struct Line {
    // Its timeouts are how long they may wait; its wire ids go no further.
    std::optional<RequestTable> table;
    std::vector<Entry> entries;  // by place in the table

    [[nodiscard]] std::uint32_t size() const { return table ? table->open_count() : 0; }
    [[nodiscard]] Entry& entry_of(const Request& request) { return entries[table->place(request)]; }
  };

  Limits limits_;
  Line lines_[2];  // by may_use_reserve
  std::size_t bytes_ = 0;
};

}  // namespace stdiogate
