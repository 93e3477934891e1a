#include "src/requests/waiting.h"

#include <algorithm>
#include <iterator>

#include "stdiogate/request_id.h"

namespace stdiogate {

namespace {

/// The one of the two that came first; either may be null.
const Request* older(const Request* a, const Request* b) {
  if (!a || !b) return a ? a : b;
  return a->sequence < b->sequence ? a : b;
}

const Request* front(const std::list<Request>& row) {
  return row.empty() ? nullptr : &row.front();
}

}  // namespace

bool Waiting::push(Request request, std::uint32_t places) {
  if (size() >= places || bytes_ + request.line.size() > max_bytes_) return false;
  add(std::move(request));
  return true;
}

const Request& Waiting::put_back(Request request) {
  request.was_sent_as = request.wire_id;
  request.wire_id = 0;
  return add(std::move(request));
}

const Request& Waiting::add(Request request) {
  bytes_ += request.line.size();
  Row& row = row_of(request);
  row.push_back(std::move(request));
  const auto added = std::prev(row.end());
  by_id_.emplace(std::pair(hash_id(added->id()), added->sequence), added);
  return *added;
}

Waiting::Row& Waiting::row_of(const Request& request) {
  return request.was_sent_as != 0 ? again_ : request.may_use_reserve ? quick_ : slow_;
}

const Request* Waiting::first(bool may_use_reserve) const {
  if (!may_use_reserve) return front(slow_);
  return again_.empty() ? front(quick_) : front(again_);
}

const Request* Waiting::first() const {
  return older(first(false), first(true));
}

const Request* Waiting::newest(std::string_view id) const {
  const std::uint64_t hash = hash_id(id);
  for (auto at = by_id_.upper_bound({hash, UINT64_MAX}); at != by_id_.begin();) {
    const auto& [key, request] = *--at;
    if (key.first != hash) break;
    if (same_id(request->id(), id)) return &*request;
  }
  return nullptr;
}

Request Waiting::take(const Request& request) {
  const auto at = by_id_.find({hash_id(request.id()), request.sequence});
  const Row::iterator place = at->second;
  by_id_.erase(at);
  Row& row = row_of(*place);
  Request taken = std::move(*place);
  row.erase(place);
  bytes_ -= taken.line.size();
  return taken;
}

std::optional<Time> Waiting::deadline_of(const Request& request, bool serves) const {
  const Duration timeout = serves ? timeouts_.for_slot : timeouts_.for_server;
  if (timeout == Duration::zero()) return std::nullopt;
  return (serves ? std::max(request.start, since_) : request.start) + timeout;
}

// All wait equally long at most: of each row the first is due first.
const Request* Waiting::due(Time now, bool serves) const {
  const Request* due = nullptr;
  for (const Row* row : {&slow_, &quick_, &again_}) {
    if (row->empty()) continue;
    const auto deadline = deadline_of(row->front(), serves);
    if (deadline && *deadline <= now) due = older(due, &row->front());
  }
  return due;
}

std::optional<Time> Waiting::next_deadline(bool serves) const {
  std::optional<Time> next;
  if (by_id_.empty()) return next;
  for (const Row* row : {&slow_, &quick_, &again_}) {
    if (row->empty()) continue;
    const auto deadline = deadline_of(row->front(), serves);
    if (deadline) next = std::min(next.value_or(*deadline), *deadline);
  }
  return next;
}

}  // namespace stdiogate
