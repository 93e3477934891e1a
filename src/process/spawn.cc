#include "src/process/spawn.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>

#include "src/process/exec.h"
#include "src/process/process_tree.h"

namespace stdiogate {

namespace {

// Where close_range is missing. Never a loop up to RLIMIT_NOFILE, which may be a thousand million.
void close_listed(const std::vector<int>& kept) {
  for (const int fd : numbers_in_directory("/proc/self/fd").value_or(std::vector<int>{})) {
    if (fd > 2 && !std::binary_search(kept.begin(), kept.end(), fd)) ::close(fd);
  }
}

/// By the system call: the C library does not let one touch the two signals it keeps for itself.
void set_default_signals() {
  constexpr std::size_t kKernelSetSize = 8;
  const char standard[64] = {};  // a kernel's sigaction of all zeros: SIG_DFL, no flags
  for (int signal = 1; signal <= 64; ++signal)
    (void)::syscall(SYS_rt_sigaction, signal, standard, nullptr, kKernelSetSize);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Whether the next directory of PATH may have the command.
bool is_elsewhere(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == ESTALE ||
         error == ENODEV || error == ETIMEDOUT;
}

/// What execvp does, except that a binary the kernel cannot run is never handed to sh. `argv` has
/// room for one word in front. Returns an errno.
int execute(const std::vector<std::string>& files, char** argv) {
  static char shell[] = "/bin/sh";
  int error = ENOENT;
  for (const std::string& file : files) {
    ::execv(file.c_str(), argv + 1);
    if (errno == ENOEXEC && !is_binary(file)) {
      argv[0] = shell;
      argv[1] = const_cast<char*>(file.c_str());
      ::execv(shell, argv);
    }
    const int result = errno;
    if (result == EACCES) error = EACCES;
    if (!is_elsewhere(result)) return result;
  }
  return error;
}

[[noreturn]] void become_server(const WatcherEnds& ends, pid_t parent,
                                const std::vector<std::string>& files, char** argv, int& error) {
  ::setpgid(0, 0);
  // Should the watcher be killed, too, at least the server itself goes with it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  set_default_signals();
  ::dup2(ends.to_stdin.get(), STDIN_FILENO);
  ::dup2(ends.from_stdout.get(), STDOUT_FILENO);
  ::dup2(ends.from_stderr.get(), STDERR_FILENO);
  error = execute(files, argv);
  ::_exit(127);
}

}  // namespace

void close_all_except(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  int next = 3;
  for (const int fd : kept) {
    if (fd > next && ::syscall(SYS_close_range, next, fd - 1, 0) != 0) return close_listed(kept);
    next = std::max(next, fd + 1);
  }
  if (::syscall(SYS_close_range, next, ~0U, 0) != 0) close_listed(kept);
}

std::vector<int> named_descriptors(const std::vector<std::string>& argv) {
  std::vector<int> named;
  for (const std::string_view word : argv) {
    for (const std::string_view directory : {"/dev/fd/", "/proc/self/fd/"}) {
      for (auto at = word.find(directory); at != std::string_view::npos;
           at = word.find(directory, at + 1)) {
        const int fd = number_in(word.substr(at + directory.size()));
        if (fd > 2 && fd < INT_MAX) named.push_back(fd);
      }
    }
  }
  return named;
}

pid_t spawn(const std::vector<std::string>& argv, const WatcherEnds& ends, int& error) {
  std::vector<char*> words = {nullptr};
  for (const std::string& word : argv)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const std::vector<std::string> files = files_of(argv[0]);
  const pid_t parent = ::getpid();
  error = 0;
  // The child execs at once. Until then this process is suspended and the two share memory, which
  // saves fork's copy. On Linux a vfork child may make the calls below.
  const pid_t pid = ::vfork();  // NOLINT(clang-analyzer-*)
  // NOLINTNEXTLINE(clang-analyzer-*)
  if (pid == 0) become_server(ends, parent, files, words.data(), error);
  if (pid < 0) error = errno;
  return pid;
}

}  // namespace stdiogate
