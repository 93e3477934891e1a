#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "tests/proof/lifecycle/lines.h"
#include "tests/proof/lifecycle/world.h"

// The client's side of a schedule, and what must be so.
namespace stdiogate::lifecycle {

namespace {

constexpr int kLimit = -31001;
constexpr int kShuttingDown = -31004;

// Longer than any request may take: the queue's timeout, its own, and what the gate waits for the
// rest of a line.
constexpr Duration kLongest = std::chrono::seconds(8);

// The longest last moment, grace or pause before a restart.
constexpr Duration kSoon = std::chrono::milliseconds(400);

// Twice the longest grace, and that a look may come late.
constexpr Duration kLongestEnd = std::chrono::milliseconds(2500);

}  // namespace

/// Whether the gate reads what the client sends, now or later.
bool World::may_send() const {
  pollfd out{.fd = to_gate_.get(), .events = 0, .revents = 0};
  return to_gate_ && !closes_ && ::poll(&out, 1, 0) == 0;
}

void World::send(const std::string& line) {
  if (!may_send()) return;
  note("the client sends " + line.substr(0, 120));
  unsent_ += line + "\n";
  (void)write_client();
}

/// Writes what there is room for, and closes after the last of it. Returns whether it did anything.
bool World::write_client() {
  if (!to_gate_) return false;
  const ssize_t n = ::write(to_gate_.get(), unsent_.data(), unsent_.size());
  if (n > 0) unsent_.erase(0, static_cast<std::size_t>(n));
  if (n < 0 && errno == EPIPE) {
    unsent_.clear();
    may_lose_ = true;
  }
  if (!closes_ || !unsent_.empty()) return n > 0;
  to_gate_.reset();
  closed_ = clock_.now();
  return true;
}

void World::send_request() {
  if (!may_send()) return;
  Request request{.method = "tools/call", .sent = clock_.now(), .sent_when_read = reading_time_};
  if (!has_initialized_ && random_.one_in(2)) request.method = "initialize";
  if (random_.one_in(10)) request.method = "ping";
  if (!servers_.empty() && servers_.back().deaf_since(clock_.now()))
    request.deaf = servers_.back().number();
  has_initialized_ = has_initialized_ || request.method == "initialize";
  is_script_ = is_script_ || (!has_an_outcome_ && open_requests() > 0);
  const std::string n = std::to_string(next_);
  const std::string pad(has_large_ && random_.one_in(3) ? 1000 * random_.below(60) : 0, 'x');
  ++totals_.requests;
  const std::string method = request.method;
  requests_.emplace(next_++, std::move(request));
  send(R"({"jsonrpc":"2.0","id":)" + n + R"(,"method":")" + method + R"(","params":{"n":)" + n +
       R"(,"pad":")" + pad + "\"}}");
  last_use_ = clock_.now();
}

void World::cancel() {
  for (auto& [n, request] : requests_) {
    if (!request.outcome.empty() || request.is_cancelled || request.method == "initialize")
      continue;
    request.is_cancelled = true;
    return send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
                std::to_string(n) + "}}");
  }
}

void World::close_client() {
  if (!to_gate_ || closes_) return;
  note("the client closes");
  closes_ = true;
  (void)write_client();
}

bool World::read_client() {
  std::array<char, 65536> bytes;
  const std::size_t before = unread_.size();
  for (ssize_t n; (n = ::read(from_gate_.get(), bytes.data(), bytes.size())) > 0;)
    unread_.append(bytes.data(), static_cast<std::size_t>(n));
  const bool has_read = unread_.size() > before;
  for (const std::string& line : take_lines(unread_))
    take(line);
  return has_read;
}

void World::take(const std::string& line) {
  const auto id = number_behind(line, "\"id\":");
  if (!id) return;
  note("the client hears " + line.substr(0, 120));
  const auto found = requests_.find(*id);
  if (found == requests_.end()) throw std::runtime_error("an answer to nothing: " + line);
  Request& request = found->second;
  if (!request.outcome.empty()) throw std::runtime_error("a second outcome: " + line);
  const auto code = number_behind(line, R"("error":{"code":)");
  const bool is_error = line.find(R"("from":"stdiogate")") != std::string::npos;
  if (!is_error && number_behind(line, "\"n\":") != id)
    throw std::runtime_error("another's answer: " + line);
  if (is_error && request.is_written && !request.is_cancelled)
    throw std::runtime_error("its server has answered in time, but: " + line);
  if (is_error && request.must_be_answered && !request.is_cancelled && code != kLimit)
    throw std::runtime_error("nothing stands against an answer, but: " + line);
  if (request.was_read && line.find(R"("retryable":true)") != std::string::npos)
    throw std::runtime_error("a server has read it, but: " + line);
  const bool is_drained = closed_ && clock_.now() >= *closed_ + options_.drain;
  if (code == kShuttingDown && !is_drained && !signalled_ && interrupts_ == 0)
    throw std::runtime_error("nobody has ended the gate, but: " + line);
  request.outcome = is_error ? "error" : "answer";
  has_an_outcome_ = true;
  ++(is_error ? totals_.errors : totals_.answers);
}

void World::on_answered(Server& server, int n) {
  has_answered_since_ = true;
  const auto found = requests_.find(n);
  if (found == requests_.end() || !found->second.outcome.empty()) return;
  Request& request = found->second;
  if (request.method == "tools/call") at_work_ = &server;
  const Duration timeout =
      request.method == "initialize" ? options_.router.start_timeout : options_.router.timeout;
  if (reads_ && !signalled_ && interrupts_ == 0 && clock_.now() < request.sent + timeout) {
    request.is_written = true;
    if (!request.is_cancelled) last_use_ = clock_.now();
  }
}

/// A server is given the time to end by itself, from the end of its input on.
void World::on_signal(Server& server, int signal) {
  ++totals_.signals;
  if (signal == SIGINT && !has_answered_since_ && !has_asked_for_another_ &&
      clock_.now() < interrupted_ + kInterrupted && &server == &servers_.back() &&
      server.has_answered() && !server.is_deaf() && !server.end_of_input(clock_.now()))
    interrupted_server_ended_ = true;
  if (signalled_ || interrupts_ > 0) return;
  const std::string name = "server " + std::to_string(server.number());
  if (signal == SIGKILL) {
    if (!server.was_signalled() && server.has_started())
      throw std::runtime_error(name + " is killed without a word");
    return;
  }
  if (has_large_) return;  // the end may be behind what it does not read
  const auto end = server.end_of_input(clock_.now());
  if (!end) throw std::runtime_error(name + " is signalled before the end of its input");
  if (clock_.now() < *end + options_.grace)
    throw std::runtime_error(name + " is signalled before it had its time");
}

/// Half a line is no message, whatever the server makes of it.
void World::on_cut_line(const Server& server) {
  if (may_throw_away() || server.was_signalled() || !server.is_whole()) return;
  throw std::runtime_error("server " + std::to_string(server.number()) +
                           " gets the end of its input within a line");
}

void World::signal(int signal) {
  clock_.advance(std::chrono::microseconds(1));  // nothing else happens at the same time
  const auto byte = static_cast<char>(signal);
  if (::write(signals_.get(), &byte, 1) != 1) return;
  note("the gate gets signal " + std::to_string(signal));
  may_lose_ = may_lose_ || (signal != SIGUSR2 && (signalled_ || !reads_));
  signalled_ = signalled_ || signal == SIGTERM || signal == SIGHUP;
  interrupts_ += signal == SIGINT;
  if (signal == SIGINT) interrupted_ = clock_.now();
  has_answered_since_ = has_answered_since_ && signal != SIGINT;
  has_asked_for_another_ = has_asked_for_another_ || signal == SIGUSR2;
  // What is open is ended at once then.
  for (auto& [n, request] : requests_)
    request.is_written = request.is_written && signal == SIGUSR2;
}

int World::open_requests() const {
  return static_cast<int>(std::count_if(requests_.begin(), requests_.end(), [](const auto& each) {
    return each.second.outcome.empty() && !each.second.is_cancelled;
  }));
}

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

/// What comes when the newest server has stopped reading does not wait for its end, unless the gate
/// has asked it to end: soon another is started, or there is an outcome. The gate waits until then.
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
/// long.
void World::expect_disuse(const Server& server) {
  if (is_stopped_ || may_let_go()) return;
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
