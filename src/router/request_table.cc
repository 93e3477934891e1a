#include "stdiogate/request_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "stdiogate/request_id.h"
#include "stdiogate/slot_pool.h"

#include "src/router/deadlines.h"
#include "src/router/hash_index.h"

namespace stdiogate {

namespace {

constexpr auto kAny = [](const Request&) { return true; };

}  // namespace

struct RequestTable::State {
  explicit State(const Limits& given)
      : limits(given),
        pool(given.slots + given.reserve),
        by_id(pool.capacity()),
        by_token(pool.capacity()),
        timeouts(pool.capacity()),
        max_timeouts(pool.capacity()) {}

  Limits limits;
  SlotPool<Request> pool;
  HashIndex by_id;
  HashIndex by_token;
  Deadlines timeouts;      // restarted by progress
  Deadlines max_timeouts;  // of those that progress can restart
  std::uint32_t in_reserve = 0;
  std::uint64_t sequence = 0;
  Request finished;  // the one whose continuation runs; keeps the memory of its text
  bool completing = false;
  bool last_repeats_id = false;

  [[nodiscard]] std::uint32_t hash(std::string_view id) const {
    return static_cast<std::uint32_t>(hash_id(id));
  }
  [[nodiscard]] const Request* at(std::uint32_t index) const { return pool.get(pool.at(index)); }
  template <class Wanted>
  [[nodiscard]] const Request* newest(std::string_view id, std::uint32_t hash, Wanted wanted) const;
  void close(const Request& request, Handle handle);
};

RequestTable::RequestTable(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
RequestTable::~RequestTable() = default;

std::uint64_t RequestTable::open(const NewRequest& request, Time now,
                                 const Continuation& continuation) {
  State& state = *state_;
  if (!has_room(request.may_use_reserve)) return 0;
  const Handle handle = state.pool.acquire();
  Request& slot = *state.pool.get(handle);
  slot.wire_id = state.pool.number(handle);
  slot.sequence = request.sequence != 0 ? request.sequence : ++state.sequence;
  slot.start = now;
  slot.method = request.method;
  slot.may_use_reserve = request.may_use_reserve;
  slot.server = request.server;
  slot.in_reserve = request.may_use_reserve && state.in_reserve < state.limits.reserve;
  slot.id_length = static_cast<std::uint16_t>(request.id.size());
  slot.text.assign(request.id);
  if (!request.token.empty()) slot.text.append(request.token);
  slot.continuation = continuation;
  state.in_reserve += slot.in_reserve;
  const std::uint32_t hash = state.hash(request.id);
  state.last_repeats_id = state.newest(request.id, hash, kAny) != nullptr;
  state.by_id.add(handle.index, hash);
  if (!request.token.empty()) state.by_token.add(handle.index, state.hash(request.token));
  if (request.timeout > Duration::zero()) {
    state.timeouts.start(handle.index, now, request.timeout);
    if (!request.token.empty() && request.max_timeout > request.timeout)
      state.max_timeouts.start(handle.index, now, request.max_timeout);
  }
  return slot.wire_id;
}

const Request* RequestTable::find(std::uint64_t wire_id) const {
  return state_->pool.get(state_->pool.handle(wire_id));
}

std::uint32_t RequestTable::place(const Request& request) const {
  return state_->pool.handle(request.wire_id).index;
}

template <class Wanted>
const Request* RequestTable::State::newest(std::string_view id, std::uint32_t hash,
                                           Wanted wanted) const {
  for (auto i = by_id.first(hash); i != HashIndex::kNone; i = by_id.after(i)) {
    const Request* request = at(i);
    if (wanted(*request) && same_id(request->id(), id)) return request;
  }
  return nullptr;
}

const Request* RequestTable::newest(std::string_view id) const {
  if (state_->pool.size() == 0) return nullptr;
  return state_->newest(id, state_->hash(id), kAny);
}

const Request* RequestTable::newest(std::string_view id, std::uint8_t server) const {
  if (state_->pool.size() == 0) return nullptr;
  return state_->newest(id, state_->hash(id),
                        [server](const Request& request) { return request.server == server; });
}

bool RequestTable::last_repeats_id() const {
  return state_->last_repeats_id;
}

bool RequestTable::has_room(bool may_use_reserve) const {
  const State& state = *state_;
  if (may_use_reserve && state.in_reserve < state.limits.reserve) return true;
  return state.pool.size() - state.in_reserve < state.limits.slots;
}

Request RequestTable::take(std::uint64_t wire_id) {
  const Handle handle = state_->pool.handle(wire_id);
  Request& request = *state_->pool.get(handle);
  state_->close(request, handle);
  Request taken = std::move(request);
  return taken;
}

bool RequestTable::complete(std::uint64_t wire_id, const Outcome& outcome) {
  State& state = *state_;
  assert(!state.completing);
  const Handle handle = state.pool.handle(wire_id);
  Request* request = state.pool.get(handle);
  if (!request) return false;
  state.close(*request, handle);
  // The slot may be taken again while the continuation runs: what it is told of is kept apart.
  state.finished = *request;
  state.completing = true;
  state.finished.continuation(state.finished, outcome);
  state.completing = false;
  return true;
}

void RequestTable::State::close(const Request& request, Handle handle) {
  by_id.remove(handle.index);
  if (!request.token().empty()) by_token.remove(handle.index);
  timeouts.stop(handle.index);
  max_timeouts.stop(handle.index);
  in_reserve -= request.in_reserve;
  pool.release(handle);
}

bool RequestTable::progress(std::string_view token, Time now) {
  State& state = *state_;
  bool known = false;
  int left = kMaxSameToken;
  for (auto i = state.by_token.first(state.hash(token)); i != HashIndex::kNone && left > 0;
       i = state.by_token.after(i), --left) {
    const Request* request = state.at(i);
    if (!same_id(request->token(), token)) continue;
    known = true;
    if (state.max_timeouts.is_running(i)) state.timeouts.restart(i, now);
  }
  return known;
}

std::optional<Time> RequestTable::next_deadline() const {
  const auto timeout = state_->timeouts.next();
  const auto max_timeout = state_->max_timeouts.next();
  if (!timeout || !max_timeout) return timeout ? timeout : max_timeout;
  return std::min(*timeout, *max_timeout);
}

RequestTable::Due RequestTable::due(Time now) const {
  if (state_->pool.size() == 0) return {};  // as is nearly always so of those that wait for a slot
  for (const Deadlines* deadlines : {&state_->timeouts, &state_->max_timeouts}) {
    if (const auto index = deadlines->due(now))
      return {.request = state_->at(*index), .after = deadlines->length(*index)};
  }
  return {};
}

bool RequestTable::is_past(std::uint64_t wire_id) const {
  const Handle handle = state_->pool.handle(wire_id);
  return !state_->pool.get(handle) && state_->pool.was_given(handle);
}

std::vector<std::uint64_t> RequestTable::open_requests() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> open;  // by sequence
  open.reserve(open_count());
  for (std::uint32_t i = 0; i < state_->pool.capacity(); ++i) {
    if (const Request* request = state_->at(i))
      open.emplace_back(request->sequence, request->wire_id);
  }
  std::ranges::sort(open);
  std::vector<std::uint64_t> wire_ids;
  wire_ids.reserve(open.size());
  for (const auto& [sequence, wire_id] : open)
    wire_ids.push_back(wire_id);
  return wire_ids;
}

std::uint32_t RequestTable::open_count() const {
  return state_->pool.size();
}
std::uint32_t RequestTable::open_in_reserve() const {
  return state_->in_reserve;
}
std::uint32_t RequestTable::slots() const {
  return state_->limits.slots;
}

}  // namespace stdiogate
