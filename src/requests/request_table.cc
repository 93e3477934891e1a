#include "stdiogate/request_table.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "stdiogate/request_id.h"

namespace stdiogate {

namespace {

std::uint32_t hash(std::string_view id) {
  return static_cast<std::uint32_t>(hash_id(id));
}

void append_texts(Request& request, const RequestTexts& texts) {
  const std::string_view all[] = {texts.method, texts.name, texts.traceparent,
                                  texts.protocol_version};
  for (std::size_t i = 0; i < std::size(all); ++i) {
    if (!all[i].data()) continue;
    request.lengths[i] = static_cast<std::uint16_t>(all[i].size() + 1);
    if (!all[i].empty()) request.text.append(all[i]);
  }
}

/// Sets every member; the texts keep their memory.
void fill(Request& request, const RequestTable::NewRequest& given, std::string_view line, Time now,
          Continuation&& continuation) {
  request.wire_id = 0;
  request.sequence = given.sequence;
  request.start = now;
  request.arrived = given.arrived;
  request.queued = given.queued;
  request.line_size = given.line_size;
  request.timeout = given.timeout;
  request.method = given.method;
  request.may_use_reserve = given.may_use_reserve;
  request.in_reserve = false;
  request.is_own = given.is_own;
  request.was_sent_as = 0;
  request.was_read = given.was_read;
  request.is_named_by_token = request.is_overtaken = false;
  request.server = given.server;
  request.id_length = given.id.size();
  request.token_length = given.token.size();
  request.text.clear();
  request.text.append(given.id);
  if (!given.token.empty()) request.text.append(given.token);
  request.lengths = {};
  if (given.texts) append_texts(request, *given.texts);
  request.line.clear();
  if (!line.empty()) request.line.append(line);
  request.id_offset = given.id_offset;
  request.continuation = std::move(continuation);
}

}  // namespace

RequestTexts Request::texts() const {
  const char* at = text.data() + id_length + token_length;
  const auto next = [&at](std::size_t length) -> std::string_view {
    if (length == 0) return {};
    return {std::exchange(at, at + length - 1), length - 1};
  };
  // In braces: one after the other.
  return {next(lengths[0]), next(lengths[1]), next(lengths[2]), next(lengths[3])};
}

RequestTable::RequestTable(const Limits& limits)
    : limits_(limits),
      pool_(limits.slots + limits.reserve),
      clocks_(pool_.capacity()),
      by_id_(pool_.capacity()),
      by_token_(pool_.capacity()) {}

Request RequestTable::unsent(const NewRequest& request, std::string_view line, Time now,
                             Continuation continuation) {
  Request unsent;
  fill(unsent, request, line, now, std::move(continuation));
  return unsent;
}

std::uint64_t RequestTable::open(const NewRequest& request, Time now, Continuation continuation,
                                 std::string_view line) {
  if (!has_room(request.may_use_reserve)) return 0;
  const Handle handle = pool_.acquire();
  Request& slot = *pool_.get(handle);
  fill(slot, request, line, now, std::move(continuation));
  slot.wire_id = pool_.number(handle);
  if (slot.sequence == 0) slot.sequence = ++sequence_;
  slot.in_reserve = request.may_use_reserve && in_reserve_ < limits_.reserve;
  in_reserve_ += slot.in_reserve;
  if (!request.is_own) by_id_.add(handle.index, hash(request.id));
  if (!request.token.empty()) by_token_.add(handle.index, hash(request.token));
  Clock& clock = clocks_[handle.index];
  clock = {.start = now};
  if (request.timeout > Duration::zero()) {
    clock.latest = now + std::max(request.timeout, request.max_timeout);
    restart(clock, slot, now);
  }
  return slot.wire_id;
}

const Request* RequestTable::find(std::uint64_t wire_id) const {
  return pool_.get(pool_.handle(wire_id));
}

const Request* RequestTable::newest(std::string_view id, std::optional<std::uint8_t> server) const {
  if (pool_.size() == 0) return nullptr;
  for (auto i = by_id_.first(hash(id)); i != HashIndex::kNone; i = by_id_.after(i)) {
    const Request* request = at(i);
    if ((!server || request->server == *server) && same_id(request->id(), id)) return request;
  }
  return nullptr;
}

bool RequestTable::repeats_id(std::uint64_t wire_id) const {
  const std::uint32_t index = pool_.handle(wire_id).index;
  for (auto i = by_id_.after(index); i != HashIndex::kNone; i = by_id_.after(i)) {
    if (same_id(at(i)->id(), at(index)->id())) return true;
  }
  return false;
}

bool RequestTable::has_room(bool may_use_reserve) const {
  if (may_use_reserve && in_reserve_ < limits_.reserve) return true;
  return pool_.size() - in_reserve_ < limits_.slots;
}

Request RequestTable::take(std::uint64_t wire_id) {
  const Handle handle = pool_.handle(wire_id);
  Request& request = *pool_.get(handle);
  close(request, handle);
  Request taken = std::move(request);
  return taken;
}

bool RequestTable::complete(std::uint64_t wire_id, const Outcome& outcome) {
  assert(!completing_);
  const Handle handle = pool_.handle(wire_id);
  Request* request = pool_.get(handle);
  if (!request) return false;
  close(*request, handle);
  // The slot may be taken again while the continuation runs: what it is given is kept apart.
  finished_ = std::move(*request);
  completing_ = true;
  finished_.continuation(finished_, outcome);
  completing_ = false;
  return true;
}

void RequestTable::close(const Request& request, Handle handle) {
  if (!request.is_own) by_id_.remove(handle.index);
  if (!request.token().empty()) by_token_.remove(handle.index);
  in_reserve_ -= request.in_reserve;
  pool_.release(handle);
  if (pool_.size() == 0) next_ = kNever;
}

/// Gives it its whole timeout from now on, or, while it is held, all that it can have.
void RequestTable::restart(Clock& clock, const Request& request, Time now) {
  if (clock.latest == kNever) return;
  clock.due = held_[request.server] ? clock.latest : std::min(now + request.timeout, clock.latest);
  next_ = std::min(next_, clock.due);
}

bool RequestTable::progress(std::string_view token, Time now) {
  bool known = false;
  int left = kMaxSameToken;
  for (auto i = by_token_.first(hash(token)); i != HashIndex::kNone && left > 0;
       i = by_token_.after(i), --left) {
    if (!same_id(at(i)->token(), token)) continue;
    known = true;
    restart(clocks_[i], *at(i), now);
  }
  return known;
}

void RequestTable::progress(const Request& request, Time now) {
  const Handle handle = pool_.handle(request.wire_id);
  pool_.get(handle)->is_named_by_token = true;
  restart(clocks_[handle.index], request, now);
}

void RequestTable::set_held(std::uint8_t server, bool is_held, Time now) {
  held_[server] = is_held;
  for (std::uint32_t i = 0; i < pool_.capacity(); ++i) {
    const Request* request = at(i);
    if (request && request->server == server) restart(clocks_[i], *request, now);
  }
}

std::optional<Time> RequestTable::next_deadline() const {
  return next_ == kNever ? std::nullopt : std::optional(next_);
}

std::vector<RequestTable::Due> RequestTable::due(Time now) {
  if (now < next_) return {};
  next_ = kNever;
  std::vector<Due> found;
  for (std::uint32_t i = 0; i < pool_.capacity(); ++i) {
    const Request* request = at(i);
    if (!request) continue;
    const Clock& clock = clocks_[i];
    if (clock.due > now) {
      next_ = std::min(next_, clock.due);
    } else {
      const Duration after =
          clock.due == clock.latest ? clock.latest - clock.start : request->timeout;
      found.push_back({request->wire_id, after});
    }
  }
  std::ranges::sort(found, {}, [this](const Due& one) {
    const Handle handle = pool_.handle(one.wire_id);
    return std::pair(clocks_[handle.index].due, pool_.get(handle)->sequence);
  });
  return found;
}

bool RequestTable::is_past(std::uint64_t wire_id) const {
  const Handle handle = pool_.handle(wire_id);
  return !pool_.get(handle) && pool_.was_given(handle);
}

std::vector<std::uint64_t> RequestTable::open_requests() const {
  std::vector<std::uint64_t> wire_ids;
  for (std::uint32_t i = 0; i < pool_.capacity(); ++i) {
    if (const Request* request = at(i)) wire_ids.push_back(request->wire_id);
  }
  std::ranges::sort(wire_ids, {},
                    [this](std::uint64_t wire_id) { return find(wire_id)->sequence; });
  return wire_ids;
}

}  // namespace stdiogate
