#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "src/limits.h"
#include "tests/proof/lifecycle/lines.h"
#include "tests/proof/lifecycle/world.h"

// The client's side of a schedule.
namespace stdiogate::lifecycle {

namespace {

constexpr int kLimit = -31001;
constexpr int kServerExited = -31003;
constexpr int kShuttingDown = -31004;

constexpr auto kRetryable = R"("retryable":true)";
constexpr auto kNotRetryable = R"("retryable":false)";

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
  ++totals_.requests;
  const std::string method = request.method;
  const bool is_large = has_large_ && method == "tools/call" && random_.one_in(3);
  const std::string pad(is_large ? 1000 * random_.below(100) : 0, 'x');
  requests_.emplace(next_++, std::move(request));
  send(R"({"jsonrpc":"2.0","id":)" + n + R"(,"method":")" + method + R"(","params":{"n":)" + n +
       R"(,"pad":")" + pad + "\"}}");
  if (is_read_at_once()) last_use_ = clock_.now();
}

/// Whether the gate finds all that was sent in its next turn.
bool World::is_read_at_once() const {
  int bytes = 0;
  return unsent_.empty() && ::ioctl(to_gate_.get(), FIONREAD, &bytes) == 0 &&
         bytes <= int{kMaxRead};
}

void World::cancel() {
  if (!may_send()) return;
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
  if (request.was_read && line.find(kRetryable) != std::string::npos)
    throw std::runtime_error("a server has read it, but: " + line);
  if (code == kServerExited && !request.was_read && line.find(kNotRetryable) != std::string::npos)
    throw std::runtime_error("no server has got it, but: " + line);
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

/// The requests that it was not sent as a whole do not wait for its end.
void World::on_deaf(const Server& server) {
  a_limit_begins_ = true;
  if (&server != &servers_.back() || servers_left() > 1) return;  // the other may have it
  for (auto& [n, request] : requests_) {
    if (!request.was_read && request.outcome.empty()) request.deaf = server.number();
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

}  // namespace stdiogate::lifecycle
