#include "src/process/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "src/io/fd.h"

namespace stdiogate {

namespace {

/// What a file of /proc or /sys holds; nothing if it cannot be read.
std::optional<std::string> contents_of(const std::string& path) {
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

/// The parent in the text of /proc/PID/stat: the second field after the name. The name may contain
/// anything, even brackets and spaces.
pid_t parent_in(std::string_view stat) {
  const std::size_t bracket = stat.rfind(')');
  if (bracket == std::string_view::npos || bracket + 4 >= stat.size()) return 0;
  return number_in(stat.substr(bracket + 4));
}

std::string path_of(pid_t process, const char* file) {
  return "/proc/" + std::to_string(process) + "/" + file;
}

std::string link(const std::string& path) {
  char target[64];
  const ssize_t n = ::readlink(path.c_str(), target, sizeof target);
  return {target, static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

/// The numbers in /proc are those of the PID namespace it was mounted in.
bool is_own_proc() {
  return link("/proc/self") == std::to_string(::getpid());
}

/// Of a child that has ended its pid, of another child 0; else -1. Reaps nothing.
pid_t ended(pid_t pid) {
  siginfo_t info{};
  const id_t id = static_cast<id_t>(pid);
  return ::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? info.si_pid : -1;
}

/// For kernels built without the list of children.
std::optional<std::vector<pid_t>> children_by_parent() {
  auto pids = numbers_in_directory("/proc");
  if (!pids) return std::nullopt;
  std::erase_if(*pids, [self = ::getpid()](pid_t pid) {
    return pid == 0 || parent_in(contents_of(path_of(pid, "stat")).value_or("")) != self;
  });
  return pids;
}

std::vector<pid_t> numbers_in(std::string_view list) {
  std::vector<pid_t> pids;
  while (const pid_t pid = number_in(list)) {
    pids.push_back(pid);
    list.remove_prefix(std::min(list.find(' '), list.size() - 1) + 1);
  }
  return pids;
}

/// Whether a process lives and neither its stdout nor its stderr is a pipe or a socket. One that
/// hides its descriptors, as ssh-agent does, counts as holding none.
bool holds_no_pipe(pid_t process) {
  char target[1];
  if (::readlink(path_of(process, "exe").c_str(), target, sizeof target) < 0 && errno == ENOENT)
    return false;
  for (const char* stream : {"fd/1", "fd/2"}) {
    const std::string what = link(path_of(process, stream));
    if (what.starts_with("pipe:") || what.starts_with("socket:")) return false;
  }
  return true;
}

/// The rest of the first line of a file that begins so; empty if there is none.
std::string line_after(const std::string& path, std::string_view begin) {
  const std::string text = "\n" + contents_of(path).value_or("");
  const std::size_t at = text.find("\n" + std::string(begin));
  if (at == std::string::npos) return "";
  const std::size_t from = at + 1 + begin.size();
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

int number_in(std::string_view text) {
  int number = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<std::vector<int>> numbers_in_directory(const char* path) {
  DIR* directory = ::opendir(path);
  if (!directory) return std::nullopt;
  std::vector<int> numbers;
  while (const dirent* entry = ::readdir(directory))
    numbers.push_back(number_in(entry->d_name));
  ::closedir(directory);
  return numbers;
}

std::optional<std::vector<pid_t>> children() {
  if (!is_own_proc()) return std::nullopt;
  const auto list = contents_of("/proc/thread-self/children");
  auto pids = list ? numbers_in(*list) : children_by_parent();
  if (pids) std::erase_if(*pids, [](pid_t pid) { return ended(pid) < 0; });
  return pids;
}

bool is_zombie(pid_t child) {
  return ended(child) == child;
}

void reap_children(pid_t spared) {
  for (const pid_t pid : children().value_or(std::vector<pid_t>{})) {
    if (pid != spared) (void)::waitpid(pid, nullptr, WNOHANG);
  }
}

bool was_let_go(pid_t child, pid_t session) {
  const pid_t own = ::getsid(child);
  if (own < 0 || own == session) return false;
  return holds_no_pipe(child) || (own != child && holds_no_pipe(own));
}

std::string name_of(pid_t process) {
  std::string name = contents_of(path_of(process, "comm")).value_or("");
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

int memory_kills(const std::string& root) {
  const std::string group = line_after(root + "/proc/self/cgroup", "0::");
  if (group.empty()) return 0;
  return number_in(line_after(root + "/sys/fs/cgroup" + group + "/memory.events", "oom_kill "));
}

}  // namespace stdiogate
