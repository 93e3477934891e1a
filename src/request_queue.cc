#include "request_queue.h"

#include <algorithm>

namespace stdiogate {

namespace {

// Longer than the program runs, and far from the end of the clock.
constexpr Duration kForEver = std::chrono::hours(24 * 365 * 50);

}  // namespace

RequestQueue::RequestQueue(const Limits& limits) : limits_(limits) {
  if (limits_.timeout == Duration::zero()) limits_.timeout = kForEver;
}

bool RequestQueue::push(const RequestTable::NewRequest& request, std::string_view line,
                        std::uint32_t places, Time now, const Continuation& continuation) {
  if (size() >= std::min(places, limits_.places) || line.size() > limits_.bytes - bytes_)
    return false;
  if (!table_) {
    table_.emplace(RequestTable::Limits{.slots = limits_.places, .seed = limits_.seed});
    entries_.resize(limits_.places);
  }
  RequestTable::NewRequest waiting = request;
  waiting.timeout = limits_.timeout;
  const auto place = table_->open(waiting, now, continuation);
  entry_of(*table_->find(*place)) = {
      .line = std::string(line),
      .id_offset = static_cast<std::size_t>(request.id.data() - line.data()),
      .timeout = request.timeout};
  bytes_ += line.size();
  return true;
}

const Request* RequestQueue::first() const {
  // All wait equally long at most: who is due first came first.
  return table_ ? table_->due(Time::max()).request : nullptr;
}

const Request* RequestQueue::newest(std::string_view id) const {
  return table_ ? table_->newest(id) : nullptr;
}

const Request* RequestQueue::due(Time now) const {
  return table_ ? table_->due(now).request : nullptr;
}

RequestQueue::Waiting RequestQueue::take(const Request& request) {
  Entry& entry = entry_of(request);
  Waiting waiting{.request = {},
                  .timeout = entry.timeout,
                  .line = std::move(entry.line),
                  .id_offset = entry.id_offset};
  entry = {};
  bytes_ -= waiting.line.size();
  waiting.request = table_->take(request.wire_id);
  waiting.request.wire_id = 0;
  return waiting;
}

std::optional<Time> RequestQueue::next_deadline() const {
  return table_ ? table_->next_deadline() : std::nullopt;
}

}  // namespace stdiogate
