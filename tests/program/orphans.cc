// Whatever becomes of the client, the server or the gate, nothing of the server's is left:
// orphans PROGRAM STUB_SERVER [RUNS [SEED]]
//
// Each run starts a tree of processes behind the gate and ends it in one way, at some moment. One
// second later no process that has inherited the run's mark may be left, and nobody may hold the
// gate's output. Half of the runs have --kill-mode all; in the others what was let go on purpose
// has to live. All that loses its parent comes to this process, which is a subreaper.

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

/// A tree: a shell command in which $1 is the stub server and $2 its script; the script $3 starts a
/// daemon and returns when that is one: two processes in a session of their own that hold no pipe.
struct Tree {
  const char* name;
  const char* command;
  std::size_t daemons = 0;  // how many processes are let go on purpose
};
constexpr const char* kDaemon =
    ": $( (STAYS=yes setsid sh -c 'exec </dev/null 2>/dev/null >/dev/null; sleep 1000 & exec sleep "
    "1000' &) )";
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
    {"daemon and leak", "sh \"$3\"; setsid sleep 1000 & exec \"$1\" \"$2\"", 2},
    {"daemon of a launcher", "sh \"$3\"; \"$1\" \"$2\"; exit", 2},
    {"leak that has started a daemon",
     ": $(setsid sh -c 'sh \"$1\"; exec sleep 1000 >&2' sh \"$3\" &); exec \"$1\" \"$2\"", 2},
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

/// The processes that have the mark, those of daemons apart.
struct Left {
  explicit Left(const std::string& mark) {
    for (const pid_t pid : marked(mark)) {
      const bool is_daemon = ('\0' + proc_contents("/proc/" + std::to_string(pid) + "/environ"))
                                 .find(std::string_view("\0STAYS=yes\0", 11)) != std::string::npos;
      (is_daemon ? daemons : others).insert(pid);
    }
  }
  std::set<pid_t> daemons;
  std::set<pid_t> others;
};

/// What one run is.
struct Run {
  const Tree& tree;
  End end;
  bool all;              // --kill-mode all
  bool after_an_answer;  // else the tree may still be growing
  std::chrono::microseconds moment;
  std::string mark;
};

/// Waits until nothing is left that has to go; returns what is.
std::string what_is_left(const Run& run, Clock::time_point by) {
  std::string fault;
  const std::size_t daemons = run.all ? 0 : run.tree.daemons;
  const bool is_grown = run.all || run.after_an_answer;
  for (;;) {
    const bool children = reap();
    const Left left(run.mark);
    const bool right = !is_grown || left.daemons.size() == daemons;
    const bool late = Clock::now() >= by;
    if (left.others.empty() && right && (!children || !left.daemons.empty())) break;
    if (!late) {
      (void)::poll(nullptr, 0, 5);
      continue;
    }
    if (!right) fault += " daemons left: " + std::to_string(left.daemons.size()) + ";";
    if (children) fault += " children are left;";
    for (const pid_t pid : left.others) {
      std::string command = proc_contents("/proc/" + std::to_string(pid) + "/cmdline");
      std::replace(command.begin(), command.end(), '\0', ' ');
      fault += " left: " + std::to_string(pid) + " " + command + ";";
      ::kill(pid, SIGKILL);
    }
    break;
  }
  for (const pid_t pid : Left(run.mark).daemons)
    ::kill(pid, SIGKILL);
  while (reap())
    (void)::poll(nullptr, 0, 1);
  return fault;
}

/// One run; returns what is wrong, empty if nothing is.
std::string play(const testing::Programs& programs, const testing::Script& script,
                 const testing::Script& daemon, const Run& run) {
  std::optional<testing::Mark> marking(run.mark);
  Gate gate({programs.gate, "--restart", "never", "--grace", "100ms", "--drain", "100ms",
             "--kill-mode", run.all ? "all" : "leaks", "--server-stderr", "discard", "--", "sh",
             "-c", run.tree.command, "sh", programs.stub, script.path(), daemon.path()});
  marking.reset();
  if (run.after_an_answer) {
    send(gate, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}\n");
    check(peer::LineSource(gate.out(), testing::kPatience).next().has_value(), "no answer");
  }
  const timespec wait{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(run.moment).count()};
  (void)::ppoll(nullptr, 0, &wait, nullptr);  // any moment is as good as another
  const auto by = Clock::now() + kLimit;
  take_end(run.end, gate, run.mark, programs.stub);
  const bool open = run.end != End::client_killed && !ends(gate.out(), by);
  (void)gate.wait();
  return (open ? " somebody holds the gate's output;" : "") + what_is_left(run, by);
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
  const testing::Script daemon(kDaemon);
  int leaks = 0;
  for (int i = 0; i < runs && leaks == 0; ++i) {
    const Run run{
        .tree = kTrees[random() % std::size(kTrees)],
        .end = static_cast<End>(random() % std::size(kEnds)),
        .all = random() % 2 == 0,
        .after_an_answer = random() % 4 != 0,
        .moment = std::chrono::microseconds(random() % 4 == 0 ? random() % 20'000 : random() % 500),
        .mark = std::to_string(::getpid()) + "-" + std::to_string(i)};
    std::string fault;
    try {
      fault = play(programs, script, daemon, run);
    } catch (const std::exception& error) {
      fault = error.what();
    }
    if (fault.empty()) continue;
    ++leaks;
    std::printf("run %d: %s, %s%s%s, %ld us:%s\n", i, run.tree.name,
                kEnds[static_cast<std::size_t>(run.end)],
                run.after_an_answer ? " after an answer" : "", run.all ? ", all" : "",
                static_cast<long>(run.moment.count()), fault.c_str());
  }
  std::printf("check-orphans: %d runs, %zu trees, %zu ends, seed %u: %d leaks\n", runs,
              std::size(kTrees), std::size(kEnds), seed, leaks);
  return leaks == 0 ? 0 : 1;
}
