#include "src/router/deadlines.h"

namespace stdiogate {

Deadlines::Deadlines(std::uint32_t capacity) : entries_(capacity) {}

void Deadlines::start(std::uint32_t index, Time now, Duration after) {
  stop(index);
  Entry& entry = entries_[index];
  entry.list = list_of(after);
  List& list = lists_[entry.list];
  entry.since = now;
  entry.previous = list.last;
  entry.next = kNone;
  (list.last == kNone ? list.first : entries_[list.last].next) = index;
  list.last = index;
}

void Deadlines::take_out(Entry& entry) {
  List& list = lists_[entry.list];
  (entry.previous == kNone ? list.first : entries_[entry.previous].next) = entry.next;
  (entry.next == kNone ? list.last : entries_[entry.next].previous) = entry.previous;
  entry.list = kNone;
}

std::optional<Time> Deadlines::next() const {
  const List* list = earliest();
  return list ? std::optional(deadline_of(*list)) : std::nullopt;
}

std::optional<std::uint32_t> Deadlines::due(Time now) const {
  const List* list = earliest();
  return list && deadline_of(*list) <= now ? std::optional(list->first) : std::nullopt;
}

std::uint32_t Deadlines::list_of(Duration length) {
  if (last_list_ < lists_.size() && lists_[last_list_].length == length) return last_list_;
  std::uint32_t i = 0;
  while (i < lists_.size() && lists_[i].length != length)
    ++i;
  if (i == lists_.size()) lists_.push_back({.length = length});
  last_list_ = i;
  return i;
}

const Deadlines::List* Deadlines::earliest() const {
  const List* first = nullptr;
  for (const List& list : lists_) {
    if (list.first == kNone) continue;
    if (!first || deadline_of(list) < deadline_of(*first)) first = &list;
  }
  return first;
}

Time Deadlines::deadline_of(const List& list) const {
  return entries_[list.first].since + list.length;
}

}  // namespace stdiogate
