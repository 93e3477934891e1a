#include "tools/bench_path.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace bench {

namespace {

// Nothing waits this long but a path that hangs.
constexpr int kPatienceMs = 10'000;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

[[noreturn]] void become(const Words& argv, int in, int out) {
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  std::vector<char*> words;
  for (const std::string& word : argv)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  ::_exit(127);
}

cpu_set_t first_of(const cpu_set_t& all) {
  cpu_set_t one;
  CPU_ZERO(&one);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &all))
    ++cpu;
  CPU_SET(cpu, &one);
  return one;
}

cpu_set_t allowed() {
  cpu_set_t set;
  (void)::sched_getaffinity(0, sizeof set, &set);
  return set;
}

const cpu_set_t kAllowed = allowed();

}  // namespace

Path::Path(const Words& argv) {
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
    throw std::runtime_error("pipe2");
  // What a path's processes leave behind is waited for here, or the gate's server would not count.
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_ = ::fork();
  if (pid_ == 0) become(argv, in[0], out[1]);
  ::close(in[0]);
  ::close(out[1]);
  in_ = in[1];
  out_ = out[0];
  (void)::fcntl(in_, F_SETFL, O_NONBLOCK);
  (void)::fcntl(out_, F_SETFL, O_NONBLOCK);
}

Path::~Path() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  ::close(in_);
  ::close(out_);
  ::waitpid(pid_, nullptr, 0);
}

double Path::peak_kib() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

bool Path::wait(bool for_room) const {
  pollfd fds[] = {{.fd = out_, .events = POLLIN, .revents = 0},
                  {.fd = for_room ? in_ : -1, .events = POLLOUT, .revents = 0}};
  if (::poll(fds, 2, kPatienceMs) <= 0) throw std::runtime_error("nothing comes");
  return fds[0].revents != 0;
}

Cost Path::finish() {
  ::close(in_);
  in_ = -1;
  std::vector<char> rest(64 * 1024);
  while (wait(false) && ::read(out_, rest.data(), rest.size()) > 0) {
  }
  ::close(out_);
  pid_ = -1;
  Cost cost;
  rusage usage{};
  while (::wait4(-1, nullptr, 0, &usage) > 0) {
    cost.cpu_seconds += seconds(usage.ru_utime) + seconds(usage.ru_stime);
    cost.switches += static_cast<double>(usage.ru_nvcsw + usage.ru_nivcsw);
  }
  return cost;
}

OneCore::OneCore(bool wanted) : wanted_(wanted) {
  const cpu_set_t one = first_of(kAllowed);
  if (wanted_) (void)::sched_setaffinity(0, sizeof one, &one);
}

OneCore::~OneCore() {
  if (wanted_) (void)::sched_setaffinity(0, sizeof kAllowed, &kAllowed);
}

}  // namespace bench
