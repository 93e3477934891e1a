#include "src/process/watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "src/limits.h"
#include "src/process/process_tree.h"
#include "src/process/spawn.h"

// The process that watches over one server. Nothing here waits for the gate: if a report cannot be
// sent, the gate is dead or has lost interest.
namespace stdiogate {

namespace {

using SteadyTime = std::chrono::steady_clock;

class Watcher {
 public:
  Watcher(const ServerCommand& command, WatcherEnds ends);

  [[noreturn]] void run();

 private:
  using Kind = WatcherReport::Kind;
  /// settling: what the server has left is looked at, and not signalled yet.
  enum class Stage : std::uint8_t { watching, settling, ending, killing };

  void start_server(const WatcherEnds& ends);
  void report(const WatcherReport& report) const;
  void obey();
  void enter(Stage stage);
  void look_after_children();
  void report_exit();
  void signal_group(int signal);
  void sweep();
  [[nodiscard]] int signal() const;
  [[nodiscard]] bool is_server_over() const;
  [[noreturn]] void finish();

  const ServerCommand& command_;
  Fd control_;
  pid_t server_ = -1;
  bool can_sweep_ = false;
  bool server_exited_ = false;
  bool server_killed_ = false;  // by us
  int memory_kills_ = 0;
  Stage stage_ = Stage::watching;
  SteadyTime::time_point deadline_;
  Sweep sweep_{{}};
};

/// Blocks SIGCHLD, and only that. ppoll unblocks it, so the end of a child interrupts nothing else.
void catch_child_signal() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGCHLD, &action, nullptr);
  sigset_t child_signal;
  sigemptyset(&child_signal);
  sigaddset(&child_signal, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &child_signal, nullptr);
}

/// Goes to the directory by its path, if the one that had it is gone. Returns an errno.
int go_to(const std::string& directory) {
  struct stat here {};
  if (directory.empty() || (::stat(".", &here) == 0 && here.st_nlink > 0)) return 0;
  return ::chdir(directory.c_str()) == 0 ? 0 : errno;
}

Watcher::Watcher(const ServerCommand& command, WatcherEnds ends)
    : command_(command), control_(std::move(ends.control)) {
  const int no_subreaper = ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : errno;
  catch_child_signal();
  start_server(ends);
  can_sweep_ = no_subreaper == 0 && children().has_value();
  memory_kills_ = memory_kills();
  if (!can_sweep_ && command.kill_mode != KillMode::group)
    report({.kind = Kind::cannot_sweep, .value = no_subreaper});
  sweep_ = Sweep(
      {.mode = command.kill_mode, .session = ::getpid(), .group = server_, .spared = {server_}});
}

void Watcher::start_server(const WatcherEnds& ends) {
  ::unsetenv("NODE_CHANNEL_FD");  // it would name a descriptor that is closed
  int error = go_to(command_.directory);
  const bool has_directory = error == 0;
  if (has_directory) server_ = spawn(command_.argv, ends, error);
  if (server_ > 0)
    ::setpgid(server_, server_);  // the child does it, too: neither may wait for the other
  if (error == 0) {
    report({.kind = Kind::started, .value = server_});
  } else {
    report({.kind = Kind::not_started, .value = error, .more = has_directory ? 0 : 1});
  }
  if (server_ < 0) finish();
  close_all_except({control_.get()});
}

void Watcher::report(const WatcherReport& report) const {
  (void)::send(control_.get(), &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Watcher::run() {
  sigset_t none;
  sigemptyset(&none);
  const timespec pass_time{.tv_sec = 0, .tv_nsec = kPassTime.count()};
  for (;;) {
    look_after_children();
    if (stage_ != Stage::watching) sweep();
    pollfd control{.fd = control_.get(), .events = POLLIN, .revents = 0};
    if (::ppoll(&control, 1, stage_ == Stage::watching ? nullptr : &pass_time, &none) > 0) obey();
  }
}

void Watcher::obey() {
  WatcherCommand command{};
  const ssize_t n = ::recv(control_.get(), &command, sizeof command, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    control_.reset();
    command.kind = WatcherCommand::Kind::kill;
  }
  switch (command.kind) {
    case WatcherCommand::Kind::signal: return signal_group(command.signal);
    case WatcherCommand::Kind::finish: return enter(Stage::settling);
    case WatcherCommand::Kind::kill: return enter(Stage::killing);
  }
}

void Watcher::enter(Stage stage) {
  if (stage_ >= stage) return;
  if (stage == Stage::settling && !server_exited_) {
    signal_group(SIGKILL);
    stage = Stage::ending;
  }
  // Without a sweep nothing shows what SIGTERM has ended: it is killed at once.
  stage_ = can_sweep_ ? stage : Stage::killing;
  switch (stage_) {
    case Stage::watching: return;
    case Stage::settling: deadline_ = SteadyTime::now() + kSettleTime; return;
    case Stage::ending: deadline_ = SteadyTime::now() + kTermTime; return signal_group(SIGTERM);
    case Stage::killing: deadline_ = SteadyTime::now() + kKillTime; return signal_group(SIGKILL);
  }
}

void Watcher::signal_group(int signal) {
  server_killed_ = server_killed_ || (signal == SIGKILL && !server_exited_);
  ::kill(-server_, signal);
  // A stopped process has to go on to see the signal.
  if (signal != SIGKILL) ::kill(-server_, SIGCONT);
}

void Watcher::look_after_children() {
  // The server itself is not reaped: its zombie keeps the group's number from being used again.
  if (stage_ == Stage::watching) reap_children(server_);
  if (is_zombie(server_)) report_exit();
}

/// Reports once how the server ended.
void Watcher::report_exit() {
  if (std::exchange(server_exited_, true)) return;
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(server_), &info, WEXITED | WNOWAIT);
  if (info.si_code == CLD_EXITED) return report({.kind = Kind::exited, .value = info.si_status});
  const bool out_of_memory =
      info.si_status == SIGKILL && !server_killed_ && memory_kills() > memory_kills_;
  report({.kind = out_of_memory ? Kind::out_of_memory : Kind::exited, .more = info.si_status});
}

/// One pass over what the server leaves.
void Watcher::sweep() {
  const bool is_late = SteadyTime::now() >= deadline_;
  if (is_late && stage_ == Stage::killing) finish();
  if (is_late) enter(stage_ == Stage::settling ? Stage::ending : Stage::killing);
  if (stage_ == Stage::killing) signal_group(SIGKILL);
  const bool more = sweep_.pass(signal());
  if (!more && is_server_over()) finish();
}

/// What the stage sends to what is left; 0: nothing.
int Watcher::signal() const {
  if (stage_ < Stage::ending) return 0;
  return stage_ == Stage::ending ? SIGTERM : SIGKILL;
}

/// One that runs as another user cannot be killed: nobody waits for it.
bool Watcher::is_server_over() const {
  return server_exited_ || (::kill(server_, 0) != 0 && errno == EPERM);
}

void Watcher::finish() {
  for (const pid_t pid : sweep_.left_alone()) {
    WatcherReport left{.kind = Kind::left_alone, .value = pid};
    (void)name_of(pid).copy(left.name, sizeof left.name - 1);
    report(left);
  }
  if (server_ > 0) (void)::waitpid(server_, nullptr, WNOHANG);
  report({.kind = Kind::finished, .value = static_cast<std::int32_t>(sweep_.ended())});
  ::_exit(0);
}

}  // namespace

void run_watcher(const ServerCommand& command, WatcherEnds ends) {
  ::setsid();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
    ::signal(signal, SIG_IGN);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; ++fd)
    ::dup2(null, fd);
  // No pipe of the client's may be held open here, nor the gate's end of any watcher's socket.
  std::vector<int> kept = named_descriptors(command.argv);
  kept.insert(kept.end(), {ends.control.get(), ends.to_stdin.get(), ends.from_stdout.get(),
                           ends.from_stderr.get()});
  close_all_except(kept);
  Watcher watcher(command, std::move(ends));
  watcher.run();
}

}  // namespace stdiogate
