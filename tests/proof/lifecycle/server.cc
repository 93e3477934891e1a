#include "tests/proof/lifecycle/server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "tests/proof/lifecycle/lines.h"

namespace stdiogate::lifecycle {

namespace {

constexpr int kFull = 32 * 1024;

std::pair<Fd, Fd> pipe_ends() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {Fd(fds[0]), Fd(fds[1])};
}

Fd without_waiting(Fd fd) {
  if (::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) throw std::runtime_error("fcntl");
  return fd;
}

}  // namespace

Server::Server(Owner& owner, int number, bool is_deaf)
    : owner_(owner), number_(number), is_deaf_(is_deaf) {
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    throw std::runtime_error("socketpair");
  gate_ends_.control = Fd(sockets[0]);
  control_ = Fd(sockets[1]);
  auto [in, to_in] = pipe_ends();
  auto [from_out, out] = pipe_ends();
  auto [from_err, err] = pipe_ends();
  in_ = without_waiting(std::move(in));
  out_ = without_waiting(std::move(out));
  err_ = without_waiting(std::move(err));
  gate_ends_.to_stdin = std::move(to_in);
  gate_ends_.from_stdout = std::move(from_out);
  gate_ends_.from_stderr = std::move(from_err);
}

std::optional<Time> Server::end_of_input(Time now) {
  if (end_of_input_) return end_of_input_;
  if (!in_) return end_of_input_ = now;
  pollfd in{.fd = in_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&in, 1, 0) == 1 && (in.revents & POLLHUP) != 0) end_of_input_ = now;
  return end_of_input_;
}

std::vector<int> Server::open_requests() const {
  std::vector<int> all;
  for (const Request& request : open_)
    all.push_back(request.n);
  return all;
}

std::optional<Time> Server::dead_since(Time now) {
  if (!dead_since_ && exited_ && !in_ && (!out_ || ended_badly_)) dead_since_ = now;
  return dead_since_;
}

std::optional<Time> Server::deaf_since(Time now) {
  if (!deaf_since_ && started_ && !in_) deaf_since_ = now;
  return out_ ? deaf_since_ : std::nullopt;
}

bool Server::is_asked() const {
  WatcherCommand command;
  return ::recv(control_.get(), &command, sizeof command, MSG_DONTWAIT | MSG_PEEK) >= 0;
}

bool Server::is_full() const {
  int bytes = 0;
  return in_ && ::ioctl(in_.get(), FIONREAD, &bytes) == 0 && bytes > kFull;
}

bool Server::start(bool can_run) {
  if (started_ || exited_ || is_gone()) return false;
  started_ = can_run;
  exited_ = !can_run;
  report(can_run ? WatcherReport{.kind = WatcherReport::Kind::started, .value = 1000 + number_}
                 : WatcherReport{.kind = WatcherReport::Kind::not_started, .value = EACCES});
  if (can_run) return true;
  in_.reset();  // nobody has got what was in it
  close_pipes();
  return true;
}

bool Server::read() {
  if (!lives() || !in_) return false;
  was_full_ = was_full_ || is_full();
  const ssize_t n = fill();
  if (n == 0 && !unread_.empty()) owner_.on_cut_line(*this);
  if (n <= 0) return false;
  for (const std::string& line : take_lines(unread_))
    take(line);
  return true;
}

ssize_t Server::fill() {
  std::array<char, 16384> bytes;
  const ssize_t n = ::read(in_.get(), bytes.data(), bytes.size());
  if (n > 0) unread_.append(bytes.data(), static_cast<std::size_t>(n));
  return n;
}

/// What is in the pipe then was sent, as far as the gate can know.
void Server::close_input() {
  while (fill() > 0) {
  }
  for (const std::string& line : take_lines(unread_)) {
    if (const auto n = number_behind(line, "\"n\":")) owner_.on_read(*n);
  }
  in_.reset();
}

void Server::take(const std::string& line) {
  const auto n = number_behind(line, "\"n\":");
  const auto id = number_behind(line, "\"id\":");
  if (id && line.find("\"method\":") != std::string::npos)
    open_.push_back({.id = std::to_string(*id), .n = n.value_or(-1)});
  if (n) owner_.on_read(*n);
}

bool Server::answer(std::size_t pad) {
  return reply(R"("result":{"pad":")" + std::string(pad, 'x') + "\"}");
}

bool Server::refuse() {
  return reply(R"("error":{"code":1,"message":"no"})");
}

bool Server::reply(const std::string& member) {
  if (!lives() || !out_ || open_.empty()) return false;
  const Request request = open_.front();
  open_.erase(open_.begin());
  unwritten_ += R"({"jsonrpc":"2.0","id":)" + request.id + R"(,"n":)" + std::to_string(request.n) +
                "," + member + "}\n";
  answers_.emplace_back(written_ + unwritten_.size(), request.n);
  (void)write();
  return true;
}

bool Server::write() {
  if (!lives() || !out_ || unwritten_.empty()) return false;
  const ssize_t n = ::write(out_.get(), unwritten_.data(), unwritten_.size());
  if (n <= 0) return false;
  unwritten_.erase(0, static_cast<std::size_t>(n));
  written_ += static_cast<std::size_t>(n);
  for (; !answers_.empty() && answers_.front().first <= written_; answers_.pop_front()) {
    ++answered_;
    owner_.on_answered(*this, answers_.front().second);
  }
  return true;
}

bool Server::say(const std::string& line) {
  if (!lives() || !out_) return false;
  unwritten_ += line + "\n";
  (void)write();
  return true;
}

bool Server::complain() {
  return lives() && err_ && ::write(err_.get(), "oh\n", 3) == 3;
}

bool Server::close_stdin() {
  if (!lives() || !in_) return false;
  close_input();
  owner_.on_deaf(*this);
  return true;
}

bool Server::close_stdout() {
  if (!lives() || !out_) return false;
  out_.reset();
  return true;
}

bool Server::exit(int status, int signal, Leaves leaves) {
  if (!lives()) return false;
  exited_ = true;
  ended_badly_ = status != 0 || signal != 0;
  if (leaves == Leaves::nothing) close_pipes();
  if (leaves == Leaves::stdout && in_) {
    close_input();
    owner_.on_deaf(*this);
  }
  report({.kind = WatcherReport::Kind::exited, .value = status, .more = signal});
  return true;
}

bool Server::end_helper() {
  if (!exited_ || !(in_ || out_)) return false;
  close_pipes();
  return true;
}

bool Server::obey() {
  WatcherCommand command;
  if (is_gone()) return false;
  const ssize_t n = ::recv(control_.get(), &command, sizeof command, MSG_DONTWAIT);
  if (n < 0) return false;
  if (n == 0) command = {.kind = WatcherCommand::Kind::kill};  // the gate is gone
  if (command.kind != WatcherCommand::Kind::signal) {
    end(n == 0 ? 0 : SIGKILL);
  } else if (lives()) {
    owner_.on_signal(*this, command.signal);
    signalled_ = true;
    if (!is_deaf_) (void)exit(0, command.signal, Leaves::nothing);
  }
  return true;
}

void Server::end(int signal) {
  if (!exited_ && signal != 0) owner_.on_signal(*this, signal);
  if (lives()) (void)exit(0, SIGKILL, Leaves::nothing);
  close_pipes();
  report({.kind = WatcherReport::Kind::finished});
  control_.reset();
}

bool Server::lose_watcher() {
  if (is_gone()) return false;
  exited_ = true;
  close_pipes();
  control_.reset();
  return true;
}

void Server::report(const WatcherReport& report) const {
  (void)::send(control_.get(), &report, sizeof report, MSG_NOSIGNAL);
}

void Server::close_pipes() {
  if (in_) close_input();
  out_.reset();
  err_.reset();
}

}  // namespace stdiogate::lifecycle
