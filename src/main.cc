#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>

#include "src/gate/options.h"
#include "src/gate/proxy.h"
#include "src/text.h"

namespace stdiogate {
namespace {

constexpr int kUsageStatus = 2;
constexpr int kOwnFailureStatus = 125;

/// Opens /dev/null in place of each closed standard stream. Otherwise a file of ours could get its
/// number, and the protocol would be written into that file.
void open_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)::open("/dev/null", O_RDWR);
  }
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// The signals that are handled, blocked from here on and read from a descriptor. What was ignored
/// at the start stays so: SIGHUP under nohup, SIGINT in a background job of a script.
Fd take_signals() {
  sigset_t set;
  sigemptyset(&set);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file at its limit is one that cannot be written
  ::signal(SIGCHLD, SIG_DFL);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) {
    if (!is_ignored(signal)) sigaddset(&set, signal);
  }
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  Fd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) throw std::system_error(errno, std::generic_category(), "signalfd");
  return signals;
}

void handle_signals(const Fd& signals, Proxy& proxy, Launcher& launcher) {
  signalfd_siginfo info;
  while (::read(signals.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
      launcher.reap();
    } else if (signal == SIGUSR1) {
      proxy.show_statistics();
    } else if (signal == SIGUSR2) {
      proxy.reload();
    } else {
      proxy.on_signal(signal);
    }
  }
}

/// The words of the command line, which the kernel puts one behind the other.
std::span<char> command_line(int argc, char** argv) {
  if (argc == 0) return {};
  return {argv[0], argv[argc - 1] + std::strlen(argv[argc - 1])};
}

/// The path of the working directory; empty if it has none.
std::string working_directory() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

int run(Options options, std::span<char> own_words) {
  options.server.directory = working_directory();
  // Orphans of a watcher that was killed come to us.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const Fd signals = take_signals();
  Launcher launcher(options.server, own_words);
  SteadyClock clock;
  Reactor reactor(clock);
  Outlet err(reactor, Stream::inherited(STDERR_FILENO, true));
  Log log(options.log_level, options.log_format, err);
  if (!options.log_file.empty()) log.open_file(reactor, options.log_file, options.file_limit);
  Proxy proxy(options, reactor, launcher, log, err);
  Reactor::Watch signal_watch(reactor, signals.get(),
                              [&](Ready) { handle_signals(signals, proxy, launcher); });
  signal_watch.want(Interest::read);
  return proxy.run(Stream::inherited(STDIN_FILENO, false), Stream::inherited(STDOUT_FILENO, true));
}

int say(int status, const std::string& what) {
  (void)std::fprintf(stderr, "stdiogate: %s\n", what.c_str());
  return status;
}

int main_of(int argc, char** argv) {
  open_standard_streams();
  const std::size_t words = argc > 1 ? static_cast<std::size_t>(argc - 1) : 0;
  const auto parsed = parse_options({argv + 1, words});
  if (const auto* error = std::get_if<UsageError>(&parsed))
    return say(kUsageStatus, error->what + " (see 'stdiogate --help')");
  if (const auto* show = std::get_if<Show>(&parsed)) {
    const bool written = std::fputs(show->text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
    return written ? 0 : say(kOwnFailureStatus, "cannot write to stdout: " + errno_text(errno));
  }
  return run(std::get<Options>(parsed), command_line(argc, argv));
}

}  // namespace
}  // namespace stdiogate

int main(int argc, char** argv) {
  try {
    return stdiogate::main_of(argc, argv);
  } catch (const std::exception& error) {
    return stdiogate::say(stdiogate::kOwnFailureStatus, error.what());
  }
}
