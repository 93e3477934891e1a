#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "stdiogate/request_table.h"

namespace stdiogate {

/// Requests that wait until they can be handed over, first in, first out, each with its line. Those
/// that may use the reserve of slots wait apart: slow work must not starve them.
///
///     slow     [ tools/call 4 ] <- [ tools/call 5 ] <- ...
///     quick    [ tasks/get 6 ] <- ...
///     again    [ ping 2 ]            a server had it, and was lost: it goes before the quick ones
///
/// One of them leaves for one of three reasons: its turn has come, it has waited too long, or its
/// sender has cancelled it. All of that is O(log size). The wire id of all is 0: no server has them.
class Waiting {
 public:
  /// How long each may wait; zero: without limit.
  struct Timeouts {
    Duration for_slot;    // while a server serves
    Duration for_server;  // while none does
  };

  /// `bytes`: the most that all lines together may have.
  Waiting(std::size_t bytes, Timeouts timeouts) : max_bytes_(bytes), timeouts_(timeouts) {}

  /// Lets it wait from its `start` on. False: there is no room for its line, or `places` wait.
  [[nodiscard]] bool push(Request request, std::uint32_t places);

  /// Lets one wait, from its `start` on, that a lost server had: there always is room for it.
  const Request& put_back(Request request);

  /// The one that came first of those that may, or may not, use the reserve; null if none waits.
  [[nodiscard]] const Request* first(bool may_use_reserve) const;

  /// The one that came first of all, null if none waits.
  [[nodiscard]] const Request* first() const;

  /// The one that came last of those with this id, null if none.
  [[nodiscard]] const Request* newest(std::string_view id) const;

  /// Takes one out that `first`, `newest` or `due` has returned.
  [[nodiscard]] Request take(const Request& request);

  /// From now on they wait for slots: until then they have waited for the server.
  void server_serves(Time now) { since_ = now; }

  /// One that has waited too long, null if none has. `serves`: a server does.
  [[nodiscard]] const Request* due(Time now, bool serves) const;

  /// When the next will have waited too long.
  [[nodiscard]] std::optional<Time> next_deadline(bool serves) const;

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(by_id_.size()); }

 private:
  using Row = std::list<Request>;

  const Request& add(Request request);
  [[nodiscard]] Row& row_of(const Request& request);
  [[nodiscard]] std::optional<Time> deadline_of(const Request& request, bool serves) const;

  std::size_t max_bytes_;
  Timeouts timeouts_;
  Time since_{};  // when a server began to serve
  Row slow_;
  Row quick_;
  Row again_;
  std::size_t bytes_ = 0;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Row::iterator> by_id_;  // hash, sequence
};

}  // namespace stdiogate
