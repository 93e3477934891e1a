#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stdiogate/clock.h"

namespace stdiogate {

/// Deadlines of the things 0 to capacity-1, at most one each. Starting, restarting and stopping one
/// is O(1), however many run: there is one list for each length of time in use, and since time does
/// not go back a list is in the order of its deadlines by itself.
///
///     5 min:  [7 since 10:00] -> [2 since 10:01] -> [9 since 10:04]
///     60 s:   [4 since 10:04]
class Deadlines {
 public:
  explicit Deadlines(std::uint32_t capacity);

  /// `index` is due at `now + after`, whatever it was before. `now` is never earlier than in a call
  /// before. Few different lengths of time may be used: each has a list that stays.
  void start(std::uint32_t index, Time now, Duration after);

  /// `index`, which has a deadline, is given as long again from `now` on.
  void restart(std::uint32_t index, Time now) { start(index, now, length(index)); }

  /// `index` is not due any more. Does nothing if it has no deadline.
  void stop(std::uint32_t index) {
    if (is_running(index)) take_out(entries_[index]);
  }

  [[nodiscard]] bool is_running(std::uint32_t index) const { return entries_[index].list != kNone; }

  /// How long `index`, which has a deadline, was given.
  [[nodiscard]] Duration length(std::uint32_t index) const {
    return lists_[entries_[index].list].length;
  }

  /// The earliest deadline.
  [[nodiscard]] std::optional<Time> next() const;

  /// One that is due at `now`, the earliest of them; it keeps its deadline until stopped.
  [[nodiscard]] std::optional<std::uint32_t> due(Time now) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct List {
    Duration length;
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };
  struct Entry {
    Time since;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    std::uint32_t list = kNone;  // kNone: has no deadline
  };

  void take_out(Entry& entry);
  std::uint32_t list_of(Duration length);
  [[nodiscard]] const List* earliest() const;
  [[nodiscard]] Time deadline_of(const List& list) const;

  std::vector<Entry> entries_;
  std::vector<List> lists_;
  std::uint32_t last_list_ = 0;  // most take the one that was taken last
};

}  // namespace stdiogate
