// Whatever becomes of the client, the server or the gate, nothing of the server's is left:
// orphans PROGRAM STUB_SERVER [RUNS [SEED]]
//
// Each run starts a tree of processes behind the gate and ends it in one way, at some moment. One
// second later no process that has inherited the run's mark may be left, and nobody may hold the
// gate's output. All that loses its parent comes to this process, which is a subreaper.

#include <sys/prctl.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "tests/support/marked.h"
#include "tests/support/session.h"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::check;
using testing::Gate;
using testing::marked;
using testing::proc_contents;
using testing::Words;

constexpr auto kLimit = 1s;

/// A tree: a shell command in which $1 is the stub server and $2 its script.
struct Tree {
  const char* name;
  const char* command;
};
constexpr Tree kTrees[] = {
    {"server", "exec \"$1\" \"$2\""},
    {"launcher that waits", "\"$1\" \"$2\"; exit"},
    {"launcher that has exited", "exec 3<&0; \"$1\" \"$2\" <&3 3<&- & exit 0"},
    {"sh -c in sh -c", "sh -c '\"$1\" \"$2\"; exit' sh \"$1\" \"$2\"; exit"},
    {"grandchild in a session of its own", "setsid sleep 1000 & exec \"$1\" \"$2\""},
    {"double fork", "(setsid sh -c 'sleep 1000 & exit' &); exec \"$1\" \"$2\""},
    {"SIGTERM ignored by all", "trap '' TERM HUP; sleep 1000 & exec \"$1\" \"$2\""},
    {"grandchild that keeps stdin open",
     "exec 3<&0; sleep 1000 <&3 3<&- & exec \"$1\" \"$2\" 3<&-"},
    {"grandchild that keeps stdout open", "sleep 1000 & \"$1\" \"$2\"; exit"},
    {"processes that hand on and exit",
     "relay() { [ $1 = 0 ] || { (relay $(($1 - 1)) &); }; }; relay 100 & exec \"$1\" \"$2\""},
    {"stopped grandchild", "sh -c 'kill -STOP $$' & exec \"$1\" \"$2\""},
};

enum class End {
  client_closes,
  client_killed,
  gate_sigterm,
  gate_sigkill,
  server_killed,
  server_exits
};
constexpr const char* kEnds[] = {"client closes",     "client killed", "gate gets SIGTERM",
                                 "gate gets SIGKILL", "server killed", "server exits"};

/// Takes leave of all children that have died. Returns whether others are left.
bool reap() {
  pid_t pid = 1;
  while (pid > 0)
    pid = ::waitpid(-1, nullptr, WNOHANG);
  return pid == 0;
}

/// Whether the stream is at its end by then; what it says before is thrown away.
bool ends(int fd, Clock::time_point by) {
  char chunk[65536];
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(by - Clock::now());
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, std::max(static_cast<int>(left.count()), 0)) <= 0) return false;
    if (::read(fd, chunk, sizeof chunk) <= 0) return true;
  }
}

void send(const Gate& gate, const std::string& line) {
  (void)!::write(gate.in(), line.data(), line.size());
}

/// The process among those marked whose command line begins with the stub server's path.
pid_t server_among(const std::set<pid_t>& pids, const std::string& stub) {
  for (const pid_t pid : pids) {
    if (proc_contents("/proc/" + std::to_string(pid) + "/cmdline").starts_with(stub + '\0'))
      return pid;
  }
  return 0;
}

void take_end(End end, Gate& gate, const std::string& mark, const std::string& stub) {
  switch (end) {
    case End::client_closes: return gate.close_in();
    case End::client_killed: gate.close_in(); return gate.close_out();
    case End::gate_sigterm: return gate.signal(SIGTERM);
    case End::gate_sigkill: return gate.signal(SIGKILL);
    case End::server_killed: {
      const pid_t server = server_among(marked(mark), stub);
      if (server > 0) ::kill(server, SIGKILL);
      return gate.close_in();  // a launcher may still be there
    }
    case End::server_exits:
      send(gate, "{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}\n");
      return gate.close_in();
  }
}

/// One run; returns what is left, empty if nothing is.
std::string run(const testing::Programs& programs, const std::string& script, const Tree& tree,
                End end, bool after_an_answer, std::chrono::microseconds moment,
                const std::string& mark) {
  std::optional<testing::Mark> marking(mark);
  Gate gate({programs.gate, "--restart", "never", "--grace", "100ms", "--drain", "100ms",
             "--server-stderr", "discard", "--", "sh", "-c", tree.command, "sh", programs.stub,
             script});
  marking.reset();
  if (after_an_answer) {
    send(gate, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}\n");
    check(peer::LineSource(gate.out(), testing::kPatience).next().has_value(), "no answer");
  }
  const timespec wait{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(moment).count()};
  (void)::ppoll(nullptr, 0, &wait, nullptr);  // any moment is as good as another
  const auto by = Clock::now() + kLimit;
  take_end(end, gate, mark, programs.stub);
  const bool open = end != End::client_killed && !ends(gate.out(), by);
  (void)gate.wait();
  std::set<pid_t> left;
  bool children = true;
  do {
    children = reap();
    left = marked(mark);
    if (!children && left.empty()) break;
    (void)::poll(nullptr, 0, 5);
  } while (Clock::now() < by);
  std::string fault;
  if (open) fault += " somebody holds the gate's output;";
  if (children) fault += " children are left;";
  for (const pid_t pid : left) {
    std::string command = proc_contents("/proc/" + std::to_string(pid) + "/cmdline");
    std::replace(command.begin(), command.end(), '\0', ' ');
    fault += " left: " + std::to_string(pid) + " " + command + ";";
    ::kill(pid, SIGKILL);
  }
  reap();
  return fault;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    (void)std::fprintf(stderr, "usage: orphans PROGRAM STUB_SERVER [RUNS [SEED]]\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const testing::Programs programs{.gate = argv[1], .stub = argv[2]};
  const int runs = argc > 3 ? std::atoi(argv[3]) : 500;
  const unsigned seed =
      argc > 4 ? static_cast<unsigned>(std::atoi(argv[4])) : std::random_device{}();
  std::mt19937 random(seed);
  const testing::Script script(
      "wait 1\nanswer in-order\nexpect {\"jsonrpc\":\"2.0\",\"method\":\"exit\"}\n");
  int leaks = 0;
  for (int i = 0; i < runs && leaks == 0; ++i) {
    const Tree& tree = kTrees[random() % std::size(kTrees)];
    const auto end = static_cast<End>(random() % std::size(kEnds));
    const bool after_an_answer = random() % 4 != 0;
    const std::chrono::microseconds moment(random() % 4 == 0 ? random() % 20'000 : random() % 500);
    std::string fault;
    try {
      fault = run(programs, script.path(), tree, end, after_an_answer, moment,
                  std::to_string(::getpid()) + "-" + std::to_string(i));
    } catch (const std::exception& error) {
      fault = error.what();
    }
    if (fault.empty()) continue;
    ++leaks;
    std::printf("run %d: %s, %s%s, %ld us:%s\n", i, tree.name, kEnds[static_cast<std::size_t>(end)],
                after_an_answer ? " after an answer" : "", static_cast<long>(moment.count()),
                fault.c_str());
  }
  std::printf("check-orphans: %d runs, %zu trees, %zu ends, seed %u: %d leaks\n", runs,
              std::size(kTrees), std::size(kEnds), seed, leaks);
  return leaks == 0 ? 0 : 1;
}
