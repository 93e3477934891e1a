#include "src/process/child_process.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "src/text.h"

namespace stdiogate {

ChildProcess::ChildProcess(Reactor& reactor, Launcher& launcher, Owner& owner)
    : reactor_(reactor),
      launcher_(launcher),
      owner_(owner),
      rung_timer_(reactor, [this] { next_rung(); }) {}

ChildProcess::Ends ChildProcess::start() {
  Launcher::Server server = launcher_.start();
  watcher_ = server.watcher;
  control_ = std::move(server.ends.control);
  control_watch_.emplace(reactor_, control_.get(), [this](Ready) { on_control_ready(); });
  control_watch_->want(Interest::read);
  return {.to_stdin = Stream::own(std::move(server.ends.to_stdin)),
          .from_stdout = Stream::own(std::move(server.ends.from_stdout)),
          .from_stderr = Stream::own(std::move(server.ends.from_stderr))};
}

void ChildProcess::on_control_ready() {
  WatcherReport report;
  const ssize_t n = ::recv(control_.get(), &report, sizeof report, MSG_DONTWAIT);
  if (n == static_cast<ssize_t>(sizeof report)) return on_report(report);
  if (n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) on_watcher_lost();
}

void ChildProcess::on_report(const WatcherReport& report) {
  switch (report.kind) {
    case WatcherReport::Kind::started: server_ = report.value; return owner_.on_started(server_);
    case WatcherReport::Kind::not_started:
      exited_ = true;
      return owner_.on_not_started(launcher_.explain(report.value, report.more != 0));
    case WatcherReport::Kind::exited: return on_exited({report.value, report.more, false});
    case WatcherReport::Kind::out_of_memory: return on_exited({report.value, report.more, true});
    case WatcherReport::Kind::cannot_sweep:
      return owner_.on_cannot_sweep(report.value == 0
                                        ? "/proc does not show the processes of this PID namespace"
                                        : "PR_SET_CHILD_SUBREAPER: " + errno_text(report.value));
    case WatcherReport::Kind::left_alone:
      return owner_.on_left_alone(report.value, std::string_view(report.name));
    case WatcherReport::Kind::finished:
      forget_watcher();
      return owner_.on_finished(static_cast<std::uint32_t>(report.value));
  }
}

void ChildProcess::on_exited(const ServerEnd& end) {
  if (!std::exchange(exited_, true)) owner_.on_exited(end);
}

// Somebody has killed the watcher. The server goes with it (PR_SET_PDEATHSIG).
void ChildProcess::on_watcher_lost() {
  forget_watcher();
  const std::uint32_t killed = launcher_.kill_left_by(watcher_, server_);
  on_exited({.status = 0, .signal = SIGKILL});
  owner_.on_finished(killed);
}

void ChildProcess::forget_watcher() {
  control_watch_.reset();
  control_.reset();
  rung_timer_.clear();
}

void ChildProcess::take_ladder(const Ladder& ladder) {
  const Time next = reactor_.now() + (terminated_ ? ladder.kill_grace : ladder.grace);
  ladder_ = ladder;
  if (ending_ || (rung_timer_.is_set() && rung_deadline_ <= next)) return;
  rung_deadline_ = next;
  rung_timer_.set(next);
}

void ChildProcess::next_rung() {
  if (terminated_) {
    owner_.on_rung("SIGKILL");
    return finish();
  }
  terminated_ = true;
  owner_.on_rung(ladder_.signal == SIGHUP ? "SIGHUP" : "SIGTERM");
  signal(ladder_.signal);
  take_ladder(ladder_);
}

void ChildProcess::signal(int signal) {
  if (control_) command({.kind = WatcherCommand::Kind::signal, .signal = signal});
}

void ChildProcess::finish() {
  if (!ending_) end(WatcherCommand::Kind::finish);
}

void ChildProcess::kill() {
  if (ending_ != WatcherCommand::Kind::kill) end(WatcherCommand::Kind::kill);
}

void ChildProcess::end(WatcherCommand::Kind how) {
  if (!control_) return;
  ending_ = how;
  rung_timer_.clear();
  command({.kind = how});
}

void ChildProcess::command(const WatcherCommand& command) const {
  if (::send(control_.get(), &command, sizeof command, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return;
  // The watcher is gone, as its socket will report; or there is no memory for this. The end of our
  // side of the socket ends everything, too.
  if (command.kind != WatcherCommand::Kind::signal) (void)::shutdown(control_.get(), SHUT_WR);
}

}  // namespace stdiogate
