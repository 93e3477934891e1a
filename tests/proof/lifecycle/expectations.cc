#include <algorithm>
#include <stdexcept>

#include "tests/proof/lifecycle/lines.h"
#include "tests/proof/lifecycle/world.h"

// What must be so, whatever the schedule.
namespace stdiogate::lifecycle {

namespace {

// Longer than any request may take: the queue's timeout, its own, and what the gate waits for the
// rest of a line.
constexpr Duration kLongest = std::chrono::seconds(8);

// The longest last moment, grace or pause before a restart.
constexpr Duration kSoon = std::chrono::milliseconds(400);

// Twice the longest grace, and that a look may come late.
constexpr Duration kLongestEnd = std::chrono::milliseconds(2500);

}  // namespace

/// The host has closed: the server that serves must see that before any time passes, unless a
/// request waits, or others are still at work.
void World::expect_end_of_input() {
  if (is_script_ || open_requests() > static_cast<int>(options_.router.max_in_flight)) return;
  if (servers_left() > 1) return;
  Server& server = servers_.back();
  if (server.lives() && server.has_answered() && !server.end_of_input(clock_.now()) &&
      !server.read())
    throw std::runtime_error("the host has closed, and server " + std::to_string(server.number()) +
                             " does not hear of it");
}

/// What has ended its server, or has taken too long, ends a request.
void World::expect_outcomes() {
  if (!reads_) return;
  for (Server& server : servers_) {
    const auto dead = server.dead_since(clock_.now());
    const std::string name = "server " + std::to_string(server.number());
    if (!is_stopped_ && dead && clock_.now() > *dead + kLongestEnd && !server.is_gone() &&
        !server.is_asked())
      throw std::runtime_error(name + " is dead, but not finished");
    for (const int n : server.is_gone() ? server.open_requests() : std::vector<int>()) {
      const auto found = requests_.find(n);
      if (found == requests_.end() || found->second.method != "tools/call") continue;
      if (found->second.outcome.empty() && !found->second.is_cancelled)
        throw std::runtime_error(name + " is gone, but nothing is said to " + std::to_string(n));
    }
  }
  for (const auto& [n, request] : requests_) {
    if (!request.outcome.empty() || request.is_cancelled) continue;
    if (request.is_written)
      throw std::runtime_error("the gate rests, but has not passed on the answer to " +
                               std::to_string(n));
    // Others go to the next server when one was lost.
    if (request.method == "tools/call" && !has_large_ &&
        reading_time_ > request.sent_when_read + kLongest)
      throw std::runtime_error("no timeout ends " + std::to_string(n));
  }
}

/// What the newest server has not got when it stops reading does not wait for its end, unless the
/// gate has asked it to end: soon another is started, or there is an outcome. The gate waits until
/// then.
void World::expect_another(std::optional<Time> until) {
  if (!reads_ || is_stopped_ || !to_gate_ || signalled_ || interrupts_ > 0 || !has_room()) return;
  Server* newest = servers_.empty() ? nullptr : &servers_.back();
  if (!newest || newest->is_gone() || newest->is_asked() || newest->was_signalled()) return;
  const auto deaf = newest->deaf_since(clock_.now());
  if (!deaf || (until && *until <= clock_.now() + kSoon)) return;
  for (const auto& [n, request] : requests_) {
    if (request.outcome.empty() && !request.is_cancelled && request.deaf == newest->number())
      throw std::runtime_error("server " + std::to_string(newest->number()) +
                               " reads no more, and nothing will come of " + std::to_string(n));
  }
}

/// Whether the gate may let a server go that serves: it ends, or a session could not be opened.
bool World::may_let_go() {
  return !to_gate_ || may_throw_away();
}

/// The same, and what is queued for it is thrown away.
bool World::may_throw_away() {
  return signalled_ || interrupts_ > 0 ||
         std::any_of(requests_.begin(), requests_.end(), [this](const auto& each) {
           const Request& request = each.second;
           return request.method == "initialize" && request.outcome != "answer" &&
                  clock_.now() >= request.sent + options_.router.start_timeout;
         });
}

/// The gate has ended its input, though nothing has ended or replaced it: nobody has used it for
/// long. The input of one that is full ends later than that.
void World::expect_disuse(const Server& server) {
  if (is_stopped_ || may_let_go() || server.was_full()) return;
  if (!server.lives() || !server.is_whole() || &server != &servers_.back() || &server != at_work_)
    return;
  if (clock_.now() < last_use_ + options_.idle_stop)
    throw std::runtime_error("server " + std::to_string(server.number()) +
                             " is stopped though it was used just now");
}

/// The gate has ended its input: it has no request that may still be answered, unless the client or
/// the gate ends.
void World::expect_room_for(const Server& server, const std::vector<int>& open) {
  if (may_let_go()) return;
  if (!server.lives() || !server.is_whole() || !servers_.back().lives()) return;
  for (const int n : open) {
    const auto found = requests_.find(n);
    if (found == requests_.end()) continue;
    const Request& request = found->second;
    if (request.outcome.empty() && !request.is_cancelled &&
        clock_.now() < request.sent + options_.router.timeout)
      throw std::runtime_error("server " + std::to_string(server.number()) +
                               " gets the end of its input before it could answer " +
                               std::to_string(n));
  }
}

/// For a long time nobody has done anything.
void World::expect_stillness() {
  if (const int open = open_requests(); open > 0 && !has_large_)
    throw std::runtime_error("no timeout has ended " + std::to_string(open) + " requests");
  if (closes_) return;
  int serving = 0;
  bool has_answered = false;
  for (Server& server : servers_) {
    if (!server.lives() || server.end_of_input(clock_.now())) continue;
    ++serving;
    has_answered = has_answered || server.has_answered();
  }
  if (serving > 1) throw std::runtime_error("two servers are left to serve");
  if (options_.idle_stop != Duration{} && serving > 0 && has_answered)
    throw std::runtime_error("nobody uses the server, and it was not stopped");
}

/// All that is left is one server in good health, and polite: what has time left is answered.
void World::expect_answers() {
  if (signalled_ || interrupts_ > 0 || closes_ || servers_.empty()) return;
  if (servers_left() > 1) return;
  Server& server = servers_.back();
  if (!server.lives() || !server.has_answered() || !server.is_whole()) return;
  if (server.end_of_input(clock_.now())) return;
  for (auto& [n, request] : requests_) {
    if (request.outcome.empty() && clock_.now() < request.sent + options_.router.queue_timeout)
      request.must_be_answered = true;
  }
}

void World::check_end(int status) {
  (void)read_client();
  // A gate that ends by itself does not wait for the rest of what is being written to it.
  const bool may_lose = may_lose_ || (has_large_ && !closed_);
  for (const auto& [n, request] : requests_) {
    if (request.outcome.empty() && !request.is_cancelled && !may_lose)
      throw std::runtime_error("no outcome for " + std::to_string(n));
  }
  if (ended_by_ != 0 && interrupts_ == 0 && status != 128 + ended_by_)
    throw std::runtime_error("the gate got signal " + std::to_string(ended_by_) +
                             ", and ends with " + std::to_string(status));
}

}  // namespace stdiogate::lifecycle
