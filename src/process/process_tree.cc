#include "src/process/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/io/fd.h"

namespace stdiogate {

namespace {

std::optional<std::string> contents(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text;
  char chunk[4096];
  ssize_t n = 0;
  while ((n = ::read(file.get(), chunk, sizeof chunk)) > 0)
    text.append(chunk, static_cast<std::size_t>(n));
  if (n < 0) return std::nullopt;
  return text;
}

pid_t number_in(std::string_view text) {
  pid_t pid = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), pid);
  return pid;
}

/// The parent in the text of /proc/PID/stat: the second field behind the name, which may hold
/// anything, brackets and spaces too.
pid_t parent_in(std::string_view stat) {
  const std::size_t bracket = stat.rfind(')');
  if (bracket == std::string_view::npos || bracket + 4 >= stat.size()) return 0;
  return number_in(stat.substr(bracket + 4));
}

/// For kernels built without the list of children.
std::optional<std::vector<pid_t>> children_by_parent() {
  DIR* proc = ::opendir("/proc");
  if (!proc) return std::nullopt;
  std::vector<pid_t> pids;
  const pid_t self = ::getpid();
  while (const dirent* entry = ::readdir(proc)) {
    const pid_t pid = number_in(entry->d_name);
    if (pid == 0) continue;
    const auto stat = contents("/proc/" + std::to_string(pid) + "/stat");
    if (stat && parent_in(*stat) == self) pids.push_back(pid);
  }
  ::closedir(proc);
  return pids;
}

}  // namespace

std::optional<std::vector<pid_t>> children() {
  const auto text = contents("/proc/thread-self/children");
  if (!text) return children_by_parent();
  std::vector<pid_t> pids;
  std::string_view rest = *text;
  while (const pid_t pid = number_in(rest)) {
    pids.push_back(pid);
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) break;
    rest.remove_prefix(space + 1);
  }
  return pids;
}

bool is_zombie(pid_t child) {
  siginfo_t info{};
  const int result = ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT);
  return result == 0 && info.si_pid == child;
}

void reap_children(pid_t spared) {
  for (const pid_t pid : children().value_or(std::vector<pid_t>{})) {
    if (pid != spared) (void)::waitpid(pid, nullptr, WNOHANG);
  }
}

std::uint32_t kill_children(const std::vector<pid_t>& spared, pid_t uncounted) {
  std::uint32_t killed = 0;
  const auto reap = [&](pid_t pid, int options) {
    int status = 0;
    const pid_t reaped = ::waitpid(pid, &status, options);
    const bool by_us = reaped > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (by_us && reaped != uncounted) ++killed;
    return reaped;
  };
  for (;;) {
    const auto pids = children();
    if (!pids) return killed;
    std::vector<pid_t> dying;
    bool all_can_be = true;  // those of another user cannot
    for (const pid_t pid : *pids) {
      if (std::find(spared.begin(), spared.end(), pid) != spared.end()) continue;
      if (::kill(pid, SIGKILL) == 0) {
        dying.push_back(pid);
      } else {
        all_can_be = all_can_be && errno != EPERM;
      }
    }
    for (const pid_t pid : dying)
      (void)reap(pid, 0);
    // The list may miss a child that came while it was made: it is whole when there is nobody left.
    if (dying.empty() && (!spared.empty() || !all_can_be || reap(-1, WNOHANG) < 0)) return killed;
  }
}

}  // namespace stdiogate
