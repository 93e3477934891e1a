#include "src/process/child_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <cerrno>

#include "src/process/process_tree.h"

namespace stdiogate {

namespace {

// More than the kernel ever takes from closing a process's sockets to the end of it.
constexpr int kWatcherEndMs = 100;

}  // namespace

ChildProcess::ChildProcess(Reactor& reactor, Owner& owner)
    : reactor_(reactor), owner_(owner), rung_timer_(reactor, [this] { next_rung(); }) {}

ChildProcess::Ends ChildProcess::start(Launcher& launcher) {
  Launcher::Server server = launcher.start();
  spared_ = launcher.pid();
  control_ = std::move(server.control);
  control_watch_.emplace(reactor_, control_.get(), [this](Ready) { on_control_ready(); });
  control_watch_->want(Interest::read);
  return {.in = Stream::own(std::move(server.in)),
          .out = Stream::own(std::move(server.out)),
          .err = Stream::own(std::move(server.err))};
}

void ChildProcess::on_control_ready() {
  WatcherReport report;
  iovec piece{.iov_base = &report, .iov_len = sizeof report};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  const ssize_t n = sys::recvmsg(control_.get(), &message, MSG_DONTWAIT);
  if (n == static_cast<ssize_t>(sizeof report)) return on_report(report);
  if (n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) on_watcher_lost();
}

void ChildProcess::on_report(const WatcherReport& report) {
  switch (report.kind) {
    case WatcherReport::Kind::started:
      watcher_ = report.more;
      return owner_.on_started(report.value);
    case WatcherReport::Kind::not_started:
      exited_ = true;
      return owner_.on_not_started(report.value);
    case WatcherReport::Kind::exited:
      if (exited_) return;
      exited_ = true;
      return owner_.on_exited({.status = report.value, .signal = report.more});
    case WatcherReport::Kind::finished:
      control_watch_.reset();
      control_.reset();
      rung_timer_.clear();
      return owner_.on_finished(static_cast<std::uint32_t>(report.value));
  }
}

// Somebody has killed the watcher. The server goes with it (PR_SET_PDEATHSIG), and all else becomes
// ours, the gate being the next subreaper above. A process that ends closes its sockets first and
// hands over its children later; when its pidfd is readable, or cannot be had, both are done.
void ChildProcess::on_watcher_lost() {
  const Fd watcher(sys::pidfd_open(watcher_));
  pollfd ended{.fd = watcher.get(), .events = POLLIN, .revents = 0};
  if (watcher) (void)::poll(&ended, 1, kWatcherEndMs);
  control_watch_.reset();
  control_.reset();
  rung_timer_.clear();
  const std::uint32_t killed = kill_children(spared_, 0);
  if (!exited_) owner_.on_exited({.status = 0, .signal = SIGKILL});
  exited_ = true;
  owner_.on_finished(killed);
}

void ChildProcess::take_ladder(Duration grace, Duration kill_grace) {
  const Time next = reactor_.now() + (terminated_ ? kill_grace : grace);
  kill_grace_ = kill_grace;
  if (finishing_ || (rung_timer_.is_set() && rung_deadline_ <= next)) return;
  rung_deadline_ = next;
  rung_timer_.set(next);
}

void ChildProcess::next_rung() {
  if (terminated_) {
    owner_.on_rung("SIGKILL");
    return finish();
  }
  terminated_ = true;
  owner_.on_rung("SIGTERM");
  command(WatcherCommand::terminate);
  take_ladder({}, kill_grace_);
}

void ChildProcess::finish() {
  if (finishing_ || !control_) return;
  finishing_ = true;
  rung_timer_.clear();
  command(WatcherCommand::finish);
}

void ChildProcess::command(WatcherCommand command) const {
  iovec piece{.iov_base = &command, .iov_len = sizeof command};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (sys::sendmsg(control_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return;
  // The watcher is gone, which its socket tells; or there is no memory, and it must not be waited
  // for: the end of what we say finishes it, too.
  if (command == WatcherCommand::finish) (void)::shutdown(control_.get(), SHUT_WR);
}

}  // namespace stdiogate
