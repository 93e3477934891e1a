#include "src/process/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "src/limits.h"
#include "src/process/process_tree.h"
#include "src/text.h"

namespace stdiogate {

namespace {

// Not the gate's: `killall stdiogate` must not take both at once.
constexpr std::string_view kWatcherName = "gate-watcher";

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

/// The end to read from, and the one to write to.
std::array<Fd, 2> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) fail("pipe2");
  return {Fd(fds[0]), Fd(fds[1])};
}

std::array<Fd, 2> make_socketpair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) fail("socketpair");
  return {Fd(fds[0]), Fd(fds[1])};
}

void take_name(std::span<char> words) {
  ::prctl(PR_SET_NAME, kWatcherName.data());
  std::fill(words.begin(), words.end(), '\0');
  std::copy_n(kWatcherName.begin(), std::min(words.size(), kWatcherName.size()), words.begin());
}

}  // namespace

Launcher::Launcher(const ServerCommand& command, std::span<char> own_words)
    : command_(command),
      own_words_(own_words),
      inherited_(children().value_or(std::vector<pid_t>{})) {}

Launcher::~Launcher() {
  for (const pid_t pid : watchers_) {
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    pollfd ended{.fd = process.get(), .events = POLLIN, .revents = 0};
    if (process && ::poll(&ended, 1, kLastWaitMs) > 0) (void)::waitpid(pid, nullptr, 0);
  }
}

Launcher::Server Launcher::start() {
  auto [control, their_control] = make_socketpair();
  auto [their_stdin, to_stdin] = make_pipe();
  auto [from_stdout, their_stdout] = make_pipe();
  auto [from_stderr, their_stderr] = make_pipe();
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    take_name(own_words_);
    run_watcher(command_, {.control = std::move(their_control),
                           .to_stdin = std::move(their_stdin),
                           .from_stdout = std::move(their_stdout),
                           .from_stderr = std::move(their_stderr)});
  }
  watchers_.push_back(pid);
  return {.watcher = pid,
          .ends = {.control = std::move(control),
                   .to_stdin = std::move(to_stdin),
                   .from_stdout = std::move(from_stdout),
                   .from_stderr = std::move(from_stderr)}};
}

void Launcher::reap() {
  for (pid_t pid = 0; (pid = ::waitpid(-1, nullptr, WNOHANG)) > 0;)
    std::erase(watchers_, pid);
}

std::uint32_t Launcher::kill_left_by(pid_t watcher, pid_t server) {
  // A dying process closes its sockets before it hands over its children: wait until it has.
  (void)::waitpid(watcher, nullptr, 0);
  std::erase(watchers_, watcher);
  std::set<pid_t> spared(inherited_.begin(), inherited_.end());
  spared.insert(watchers_.begin(), watchers_.end());
  Sweep sweep({.mode = command_.kill_mode,
               .session = watcher,
               .group = server,
               .spared = std::move(spared)});
  for (int pass = 0; pass < kMaxPasses && sweep.pass(SIGKILL); ++pass)
    (void)::poll(nullptr, 0, kPassMs);
  return sweep.ended();
}

NotStarted Launcher::explain(int error, bool directory) const {
  if (!directory) return explain_not_started(command_.argv[0], error);
  return {.error = error,
          .reason = "its working directory " + command_.directory + ": " + errno_text(error)};
}

}  // namespace stdiogate
