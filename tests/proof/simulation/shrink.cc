#include "tests/proof/simulation/shrink.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace stdiogate::simulation {

namespace {

/// All that can be read, until the other end is closed.
std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t n = 1; n > 0;) {
    n = ::read(fd, buffer.data(), buffer.size());
    if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

[[noreturn]] void work_and_exit(const std::function<std::optional<std::string>()>& work, int fd,
                                unsigned seconds) {
  ::alarm(seconds);
  const auto failure = work();
  if (!failure) std::_Exit(0);
  const bool written = ::write(fd, failure->data(), failure->size()) >= 0;
  std::_Exit(written ? 1 : 2);
}

/// Whether it still fails without the steps from `begin` on, `count` of them.
bool try_without(Script& script, std::size_t begin, std::size_t count,
                 const std::function<bool(const Script&)>& fails) {
  Script shorter = script;
  const auto from = shorter.steps.begin() + static_cast<std::ptrdiff_t>(begin);
  const std::size_t end = std::min(begin + count, shorter.steps.size());
  shorter.steps.erase(from, shorter.steps.begin() + static_cast<std::ptrdiff_t>(end));
  if (!fails(shorter)) return false;
  script = std::move(shorter);
  return true;
}

/// Makes the numbers of a step zero, as far as it fails then, too.
void simplify(Script& script, std::size_t i, const std::function<bool(const Script&)>& fails) {
  for (std::uint32_t Step::*number : {&Step::cut, &Step::c, &Step::b, &Step::a}) {
    const std::uint32_t before = std::exchange(script.steps[i].*number, 0);
    if (before != 0 && !fails(script)) script.steps[i].*number = before;
  }
}

/// Makes the sizes smaller, each as far as it fails then, too.
void simplify_sizes(Script& script, const std::function<bool(const Script&)>& fails) {
  for (std::uint32_t& size : script.sizes) {
    for (bool shrinks = true; size > 0 && shrinks;) {
      const std::uint32_t before = std::exchange(size, size / 2);
      shrinks = fails(script);
      if (!shrinks) size = before;
    }
  }
}

}  // namespace

std::optional<std::string> run_apart(const std::function<std::optional<std::string>()>& work,
                                     unsigned seconds) {
  int ends[2];
  if (::pipe(ends) != 0) return "pipe failed";
  const pid_t child = ::fork();
  if (child < 0) return "fork failed";
  if (child == 0) work_and_exit(work, ends[1], seconds);
  ::close(ends[1]);
  std::string failure = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  (void)::waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGALRM ? "it does not end"
                                       : "killed by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) == 0) return std::nullopt;
  return failure.empty() ? "exited with " + std::to_string(WEXITSTATUS(status)) : failure;
}

Script shrunk(Script script, const std::function<bool(const Script&)>& fails) {
  for (std::size_t before = script.steps.size() + 1; script.steps.size() < before;) {
    before = script.steps.size();
    simplify_sizes(script, fails);
    for (std::size_t count = std::max<std::size_t>(before / 2, 1); count > 0; count /= 2) {
      for (std::size_t at = 0; at < script.steps.size();) {
        if (!try_without(script, at, count, fails)) at += count;
      }
    }
  }
  for (std::size_t i = 0; i < script.steps.size(); ++i)
    simplify(script, i, fails);
  return script;
}

}  // namespace stdiogate::simulation
