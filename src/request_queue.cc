#include "request_queue.h"

#include <algorithm>

namespace stdiogate {

namespace {

// Longer than the program runs, and far from the end of the clock.
constexpr Duration kForEver = std::chrono::hours(24 * 365 * 50);

}  // namespace

RequestQueue::RequestQueue(const Limits& limits)
    : limits_(limits),
      table_({.slots = std::max(limits.places, 1u), .reserve = 0, .seed = limits.seed}),
      entries_(table_.slots()) {
  if (limits_.timeout == Duration::zero()) limits_.timeout = kForEver;
}

bool RequestQueue::push(const RequestTable::NewRequest& request, std::string_view line, Time now,
                        const Continuation& continuation) {
  if (limits_.places == 0 || line.size() > limits_.bytes - bytes_) return false;
  RequestTable::NewRequest waiting = request;
  waiting.timeout = limits_.timeout;
  const auto place = table_.open(waiting, now, continuation);
  if (!place) return false;
  entry_of(*table_.find(*place)) = {
      .line = std::string(line),
      .id_offset = static_cast<std::size_t>(request.id.data() - line.data()),
      .timeout = request.timeout};
  bytes_ += line.size();
  return true;
}

const Request* RequestQueue::first() const {
  // All wait equally long at most: who is due first came first.
  return table_.due(Time::max()).request;
}

RequestQueue::Waiting RequestQueue::take(const Request& request) {
  Entry& entry = entry_of(request);
  Waiting waiting{.request = {},
                  .timeout = entry.timeout,
                  .line = std::move(entry.line),
                  .id_offset = entry.id_offset};
  entry = {};
  bytes_ -= waiting.line.size();
  waiting.request = table_.take(request.wire_id);
  waiting.request.wire_id = 0;
  return waiting;
}

std::optional<Time> RequestQueue::next_deadline() const {
  return table_.next_deadline();
}

}  // namespace stdiogate
