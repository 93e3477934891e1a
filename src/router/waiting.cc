#include "src/router/waiting.h"

#include <algorithm>

namespace stdiogate {

namespace {

// Longer than the program runs, and far from the end of the clock.
constexpr Duration kForEver = std::chrono::hours(24 * 365 * 50);

/// The one of the two that came first; either may be null.
const Request* older(const Request* a, const Request* b) {
  if (!a || !b) return a ? a : b;
  return a->sequence < b->sequence ? a : b;
}

}  // namespace

RequestQueue::RequestQueue(const Limits& limits) : limits_(limits) {
  if (limits_.timeout == Duration::zero()) limits_.timeout = kForEver;
}

bool RequestQueue::push(const RequestTable::NewRequest& request, std::string_view line,
                        std::uint32_t places, Time now, const Continuation& continuation) {
  if (size() >= std::min(places, limits_.places) || line.size() > limits_.bytes - bytes_)
    return false;
  Line& waiting = lines_[request.may_use_reserve];
  if (!waiting.table) {
    waiting.table.emplace(RequestTable::Limits{.slots = limits_.places});
    waiting.entries.resize(limits_.places);
  }
  RequestTable::NewRequest place = request;
  place.timeout = limits_.timeout;
  const std::uint64_t wire_id = waiting.table->open(place, now, continuation);
  waiting.entry_of(*waiting.table->find(wire_id)) = {
      .line = std::string(line),
      .id_offset = static_cast<std::size_t>(request.id.data() - line.data()),
      .timeout = request.timeout};
  bytes_ += line.size();
  return true;
}

const Request* RequestQueue::first(bool may_use_reserve) const {
  // All wait equally long at most: who is due first came first.
  const Line& line = lines_[may_use_reserve];
  return line.table ? line.table->due(Time::max()).request : nullptr;
}

const Request* RequestQueue::first() const {
  return older(first(false), first(true));
}

const Request* RequestQueue::newest(std::string_view id) const {
  const Request* newest = nullptr;
  for (const Line& line : lines_) {
    const Request* request = line.table ? line.table->newest(id) : nullptr;
    if (request && (!newest || request->sequence > newest->sequence)) newest = request;
  }
  return newest;
}

RequestQueue::Waiting RequestQueue::take(const Request& request) {
  Line& line = lines_[request.may_use_reserve];
  Entry& entry = line.entry_of(request);
  Waiting waiting{.request = {},
                  .timeout = entry.timeout,
                  .line = std::move(entry.line),
                  .id_offset = entry.id_offset};
  entry = {};
  bytes_ -= waiting.line.size();
  waiting.request = line.table->take(request.wire_id);
  waiting.request.wire_id = 0;
  return waiting;
}

const Request* RequestQueue::due(Time now) const {
  const Request* due = nullptr;
  for (const Line& line : lines_)
    due = older(due, line.table ? line.table->due(now).request : nullptr);
  return due;
}

std::optional<Time> RequestQueue::next_deadline() const {
  std::optional<Time> next;
  for (const Line& line : lines_) {
    const auto deadline = line.table ? line.table->next_deadline() : std::nullopt;
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  return next;
}

}  // namespace stdiogate
