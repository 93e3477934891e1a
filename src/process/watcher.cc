#include "src/process/watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "src/process/process_tree.h"

// The process that watches over one server. Nothing here waits for the gate: if a report cannot be
// sent, the gate is dead or has lost interest.
namespace stdiogate {

namespace {

class Watcher {
 public:
  Watcher(const ServerCommand& command, WatcherEnds ends);

  [[noreturn]] void run();

 private:
  void start_server(const WatcherEnds& ends);
  [[noreturn]] static void become_server(const WatcherEnds& ends, pid_t watcher, const Fd& failure,
                                         char** argv);
  void report(WatcherReport::Kind kind, int value, int more = 0) const;
  void obey();
  void look_after_children();
  void report_exit();
  [[noreturn]] void finish();

  const ServerCommand& command_;
  Fd control_;
  Fd child_signals_;
  pid_t server_ = -1;
  bool server_exited_ = false;
};

sigset_t signal_set(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

/// By the system call: the C library does not let one touch the two signals it keeps for itself.
void set_default_signals() {
  constexpr std::size_t kKernelSetSize = 8;
  const char standard[64] = {};  // a kernel's sigaction of all zeros: SIG_DFL, no flags
  for (int signal = 1; signal <= 64; ++signal)
    (void)::syscall(SYS_rt_sigaction, signal, standard, nullptr, kKernelSetSize);
}

void close_range(unsigned first, unsigned last) {
  if (first > last || ::syscall(SYS_close_range, first, last, 0) == 0) return;
  const auto most = static_cast<unsigned>(::sysconf(_SC_OPEN_MAX));
  for (unsigned fd = first; fd <= last && fd < most; ++fd)
    ::close(static_cast<int>(fd));
}

/// No pipe of the client's may be held open here, nor the gate's end of any watcher's socket.
void keep_only(const WatcherEnds& ends) {
  const Fd null(::open("/dev/null", O_RDWR));
  for (int fd = 0; fd <= 2; ++fd)
    ::dup2(null.get(), fd);
  std::array<int, 4> kept = {ends.control.get(), ends.to_stdin.get(), ends.from_stdout.get(),
                             ends.from_stderr.get()};
  std::sort(kept.begin(), kept.end());
  unsigned next = 3;
  for (const int fd : kept) {
    close_range(next, static_cast<unsigned>(fd) - 1);
    next = static_cast<unsigned>(fd) + 1;
  }
  close_range(next, ~0U);
}

Watcher::Watcher(const ServerCommand& command, WatcherEnds ends)
    : command_(command), control_(std::move(ends.control)) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const sigset_t child_signal = signal_set(SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &child_signal, nullptr);
  child_signals_.reset(::signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK));
  start_server(ends);
}

void Watcher::start_server(const WatcherEnds& ends) {
  const pid_t self = ::getpid();
  std::vector<char*> argv;
  for (const std::string& word : command_.argv)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  int failure[2];  // an errno comes out of it, or its end: the server runs
  const bool has_pipe = ::pipe2(failure, O_CLOEXEC) == 0;
  const Fd from_server(has_pipe ? failure[0] : -1);
  Fd to_watcher(has_pipe ? failure[1] : -1);
  // The child becomes another program at once, and is waited for until then: the copy of the memory
  // that fork makes would be for nothing. Linux lets it call what it likes.
  const pid_t server = has_pipe ? ::vfork() : -1;                       // NOLINT(clang-analyzer-*)
  if (server == 0) become_server(ends, self, to_watcher, argv.data());  // NOLINT(clang-analyzer-*)
  server_ = server;
  if (server_ < 0) {
    report(WatcherReport::Kind::not_started, errno);
    ::_exit(0);
  }
  ::setpgid(server_, server_);  // here and there: whoever comes first
  to_watcher.reset();
  int error = 0;
  if (::read(from_server.get(), &error, sizeof error) > 0) {
    report(WatcherReport::Kind::not_started, error);
  } else {
    report(WatcherReport::Kind::started, server_);
  }
}

void Watcher::become_server(const WatcherEnds& ends, pid_t watcher, const Fd& failure,
                            char** argv) {
  ::setpgid(0, 0);
  // Should the watcher be killed, too, at least the server itself goes with it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != watcher) ::_exit(127);
  set_default_signals();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(ends.to_stdin.get(), STDIN_FILENO);
  ::dup2(ends.from_stdout.get(), STDOUT_FILENO);
  ::dup2(ends.from_stderr.get(), STDERR_FILENO);
  ::execvp(argv[0], argv);
  const int error = errno;
  (void)!::write(failure.get(), &error, sizeof error);
  ::_exit(127);
}

void Watcher::report(WatcherReport::Kind kind, int value, int more) const {
  const WatcherReport report{.kind = kind, .value = value, .more = more};
  (void)::send(control_.get(), &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Watcher::run() {
  for (;;) {
    pollfd fds[] = {{.fd = control_.get(), .events = POLLIN, .revents = 0},
                    {.fd = child_signals_.get(), .events = POLLIN, .revents = 0}};
    if (::poll(fds, 2, -1) < 0) continue;  // EINTR
    if (fds[1].revents != 0) look_after_children();
    if (fds[0].revents != 0) obey();
  }
}

void Watcher::obey() {
  WatcherCommand command{};
  const ssize_t n = ::recv(control_.get(), &command, sizeof command, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0 || command == WatcherCommand::finish) finish();
  // A stopped process has to go on to see the signal.
  ::kill(-server_, SIGTERM);
  ::kill(-server_, SIGCONT);
}

void Watcher::look_after_children() {
  signalfd_siginfo ignored;
  while (::read(child_signals_.get(), &ignored, sizeof ignored) > 0) {
  }
  // The server itself is not reaped: its zombie keeps the group's number from being used again.
  reap_children(server_);
  if (is_zombie(server_)) report_exit();
}

/// Waits for the server to end, if need be, and tells how it did, once.
void Watcher::report_exit() {
  if (server_exited_) return;
  server_exited_ = true;
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(server_), &info, WEXITED | WNOWAIT);
  const bool exited = info.si_code == CLD_EXITED;
  report(WatcherReport::Kind::exited, exited ? info.si_status : 0, exited ? 0 : info.si_status);
}

void Watcher::finish() {
  ::kill(-server_, SIGKILL);
  // One that runs as another user cannot be killed: it is left, and nobody waits for it.
  const bool is_out_of_reach =
      !is_zombie(server_) && ::kill(server_, SIGKILL) != 0 && errno == EPERM;
  if (!is_out_of_reach) report_exit();
  std::uint32_t killed = 0;
  if (command_.kill_mode == KillMode::all) {
    killed = kill_children({}, server_);
  } else if (!is_out_of_reach) {
    ::waitpid(server_, nullptr, 0);
  }
  report(WatcherReport::Kind::finished, static_cast<int>(killed));
  ::_exit(0);
}

}  // namespace

void run_watcher(const ServerCommand& command, WatcherEnds ends) {
  ::setsid();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
    ::signal(signal, SIG_IGN);
  keep_only(ends);
  Watcher watcher(command, std::move(ends));  // closes the server's ends here, before it runs
  watcher.run();
}

}  // namespace stdiogate
