#include "src/process/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/process/process_tree.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/pipe.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

/// A real child under a real watcher; time stands still until it is advanced.
struct World : ChildProcess::Owner {
  explicit World(std::vector<std::string> argv, KillMode kill_mode = KillMode::all)
      : command{std::move(argv), kill_mode},
        launcher(command, {}),
        child(reactor, launcher, *this) {
    ends = child.start();
  }

  void on_started(pid_t started) override { pid = started; }
  void on_not_started(const NotStarted& why) override { not_started = why; }
  void on_exited(const ServerEnd& end) override { exited = end; }
  void on_rung(const char* signal) override { rungs.push_back(signal); }
  void on_cannot_sweep(const std::string& why) override { cannot_sweep = why; }
  void on_left_alone(pid_t left, std::string_view name) override {
    left_alone.emplace_back(left, name);
  }
  void on_finished(std::uint32_t count) override { killed = count; }

  template <class Condition>
  void turn_until(Condition condition) {
    while (!condition())
      reactor.turn();
  }

  /// Later, and a turn that does not wait for it to be so.
  void advance(Duration by) {
    clock.advance(by);
    Reactor::Timer alarm(reactor, [] {});
    alarm.set(reactor.now());
    reactor.turn();
  }

  /// Waits for a line on the child's stdout, read byte by byte.
  std::string line() {
    std::string text;
    bool whole = false;
    Reactor::Watch watch(reactor, ends.from_stdout.fd(), [&](Ready) {
      char c = 0;
      while (!whole && ends.from_stdout.read({&c, 1}).kind == IoResult::Kind::done) {
        whole = c == '\n';
        if (!whole) text += c;
      }
    });
    watch.want(Interest::read);
    turn_until([&] { return whole && pid; });  // that it runs is told elsewhere
    return text;
  }

  /// Waits until nobody holds the writing end of the child's stdout.
  void wait_for_end_of_output() {
    bool ended = false;
    Reactor::Watch watch(reactor, ends.from_stdout.fd(), [&](Ready) {
      char c = 0;
      ended = ends.from_stdout.read({&c, 1}).kind == IoResult::Kind::end;
    });
    watch.want(Interest::read);
    turn_until([&] { return ended; });
  }

  FakeClock clock;
  Reactor reactor{clock};
  ServerCommand command;
  Launcher launcher;
  std::optional<pid_t> pid;
  std::optional<NotStarted> not_started;
  std::string cannot_sweep;
  std::vector<std::pair<pid_t, std::string>> left_alone;
  std::optional<ServerEnd> exited;
  std::optional<std::uint32_t> killed;
  std::vector<std::string> rungs;
  ChildProcess child;
  ChildProcess::Ends ends;
};

std::vector<std::string> shell(const std::string& script) {
  return {"/bin/sh", "-c", script};
}

TEST_CASE("child_process: its exit status is told, and when nothing is left of it") {
  World world(shell("exit 3"));
  world.turn_until([&] { return world.exited.has_value(); });
  REQUIRE(world.pid);
  CHECK(world.exited->status == 3);
  CHECK(world.exited->signal == 0);
  CHECK_FALSE(world.killed);
  world.child.finish();
  world.turn_until([&] { return world.killed.has_value(); });
  CHECK(*world.killed == 0);
  CHECK(world.rungs.empty());
}

TEST_CASE("child_process: the signal that killed it is told") {
  World world(shell("kill -SEGV $$"));
  world.turn_until([&] { return world.exited.has_value(); });
  CHECK(world.exited->signal == SIGSEGV);
}

TEST_CASE("child_process: its streams are pipes to the gate") {
  World world(shell("read x; echo \"got $x\"; echo problem >&2"));
  CHECK(world.ends.to_stdin.write("hello\n").bytes == 6);
  CHECK(world.line() == "got hello");
}

TEST_CASE("child_process: a command that does not exist is told with its errno") {
  World world({"/nonexistent/command"});
  world.turn_until([&] { return world.not_started.has_value(); });
  CHECK(world.not_started->error == ENOENT);
  CHECK(world.not_started->status == 127);
  CHECK_FALSE(world.pid);  // it has never run
  world.child.finish();
  world.turn_until([&] { return world.killed.has_value(); });
  CHECK_FALSE(world.exited);  // told once
}

TEST_CASE("child_process: the child has default signals, an empty mask and no descriptor of ours") {
  const Pipe other;  // open here, not there
  World world(
      shell("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\n'; echo; "
            "ls /proc/self/fd | tr '\\n' ' '; echo"));
  CHECK(world.line() == "SigBlk:\t0000000000000000SigIgn:\t0000000000000000");
  CHECK(world.line() == "0 1 2 3 ");  // 3 is what ls reads the list from
}

TEST_CASE("child_process: the child leads a process group of its own") {
  World world(shell("echo $$; ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat"));
  const std::string pid = world.line();
  std::string group = world.line();
  group.erase(0, group.find_first_not_of(' '));
  CHECK(group == pid);
  CHECK(pid == std::to_string(world.pid.value_or(0)));
}

TEST_CASE("child_process: the ladder is taken one rung after another, each after its grace") {
  World world(shell("trap '' TERM; echo ready; while :; do read x || sleep 100; done"));
  CHECK(world.line() == "ready");
  world.child.take_ladder({500ms, 300ms});
  world.advance(499ms);
  CHECK(world.rungs.empty());
  world.advance(1ms);
  CHECK(world.rungs == std::vector<std::string>{"SIGTERM"});
  world.advance(299ms);
  CHECK(world.rungs.size() == 1);
  world.advance(1ms);
  CHECK(world.rungs == std::vector<std::string>{"SIGTERM", "SIGKILL"});
  world.turn_until([&] { return world.killed.has_value(); });
  REQUIRE(world.exited);
  CHECK(world.exited->signal == SIGKILL);
}

TEST_CASE("child_process: a later call of the ladder can only make it sooner") {
  World world(shell("echo ready; read x"));
  CHECK(world.line() == "ready");
  world.child.take_ladder({500ms, 500ms});
  world.child.take_ladder({10s, 10s});
  world.advance(500ms);
  CHECK(world.rungs.size() == 1);
  world.child.take_ladder({10s, 0ms});
  world.advance(1ms);
  CHECK(world.rungs.size() == 2);
  world.turn_until([&] { return world.exited.has_value(); });
}

TEST_CASE("child_process: SIGTERM reaches a stopped child") {
  World world(shell("echo ready; kill -STOP $$; sleep 100"));
  CHECK(world.line() == "ready");
  world.child.take_ladder({0ms, 100s});
  world.turn_until([&] { return world.exited.has_value(); });
  CHECK(world.exited->signal == SIGTERM);
}

TEST_CASE("child_process: nothing the child has started is left when it is finished") {
  // In the group, in a session of its own, of a parent that has gone: all hold the output open.
  World world(
      shell("sleep 1000 & setsid sleep 1000 & "
            "(setsid sh -c 'sleep 1000 & echo up; exec sleep 1000' &); read x; exit 0"));
  CHECK(world.line() == "up");
  world.ends.to_stdin = {};
  world.turn_until([&] { return world.exited.has_value(); });
  world.child.finish();
  world.turn_until([&] { return world.killed.has_value(); });
  CHECK(*world.killed >= 4);
  world.wait_for_end_of_output();
}

TEST_CASE("child_process: with kill mode group what has left the group is spared") {
  World world(shell("exec 3<&0; setsid sh -c 'echo $$; read x <&3' & read x; exit 0"),
              KillMode::group);
  const std::string daemon = world.line();
  world.child.finish();
  world.turn_until([&] { return world.killed.has_value(); });
  CHECK(*world.killed == 0);
  CHECK(::kill(std::stoi(daemon), 0) == 0);
  CHECK(::kill(std::stoi(daemon), SIGKILL) == 0);  // started by this test
  world.wait_for_end_of_output();
}

/// Starts a process in a session of its own that holds no pipe, and prints its pid; $1: what it
/// does.
constexpr const char* kLetGo =
    "let_go() { setsid sh -c \"echo \\$\\$; exec </dev/null 2>/dev/null >/dev/null; $1\" & }; ";

TEST_CASE("child_process: what was let go on purpose stays and is named, all else ends") {
  World world(shell(std::string(kLetGo) + "let_go 'exec sleep 1000'; setsid sleep 1000 & read x"),
              KillMode::leaks);
  const pid_t daemon = std::stoi(world.line());
  while (name_of(daemon) != "sleep") {
  }
  world.ends.to_stdin = {};
  world.turn_until([&] { return world.exited.has_value(); });
  world.child.finish();
  world.turn_until([&] { return world.killed.has_value(); });
  CHECK(*world.killed == 1);
  REQUIRE(world.left_alone.size() == 1);
  CHECK(world.left_alone[0] == std::pair<pid_t, std::string>(daemon, "sleep"));
  CHECK(::kill(daemon, SIGKILL) == 0);
  world.wait_for_end_of_output();
}

TEST_CASE("child_process: with kill mode all what was let go on purpose ends, too") {
  World world(shell(std::string(kLetGo) + "let_go 'exec sleep 1000'; read x"));
  CHECK(std::stoi(world.line()) > 0);
  world.child.finish();
  world.turn_until([&] { return world.killed.has_value(); });
  CHECK(*world.killed == 1);
  CHECK(world.left_alone.empty());
}

TEST_CASE("child_process: what is left gets SIGTERM first") {
  World world(shell(
      "setsid sh -c 'trap \"echo goodbye; exit\" TERM; echo up; while :; do sleep 0.01; done' & "
      "read x; exit 0"));
  CHECK(world.line() == "up");
  world.ends.to_stdin = {};
  world.turn_until([&] { return world.exited.has_value(); });
  world.child.finish();
  CHECK(world.line() == "goodbye");
  world.turn_until([&] { return world.killed.has_value(); });
}

TEST_CASE(
    "child_process: a server that is killed for being late leaves nothing that ignores SIGTERM") {
  World world(shell("trap '' TERM; setsid sleep 1000 & echo up; read x; exit 0"));
  CHECK(world.line() == "up");
  world.ends.to_stdin = {};
  world.turn_until([&] { return world.exited.has_value(); });
  world.child.kill();
  world.turn_until([&] { return world.killed.has_value(); });
  CHECK(*world.killed == 1);
  world.wait_for_end_of_output();
}

TEST_CASE("child_process: descriptors that the command names are passed on, no others") {
  Pipe secret;
  const int fd = ::dup(secret.reader.get());  // without close-on-exec, as a shell hands it over
  const int other = ::dup(fd);
  (void)!::write(secret.writer.get(), "secret\n", 7);
  World world({"/bin/sh", "-c",
               "read x <\"$1\"; echo \"$x\"; ls /proc/self/fd | tr '\\n' ' '; echo", "sh",
               "/dev/fd/" + std::to_string(fd)});
  CHECK(world.line() == "secret");
  CHECK(world.line() == "0 1 2 3 " + std::to_string(fd) + " ");  // 3 is what ls reads
  ::close(fd);
  ::close(other);
}

TEST_CASE("child_process: NODE_CHANNEL_FD is taken out of the environment") {
  ::setenv("NODE_CHANNEL_FD", "3", 1);
  World world(shell("echo \"<${NODE_CHANNEL_FD-none}>\""));
  ::unsetenv("NODE_CHANNEL_FD");
  CHECK(world.line() == "<none>");
}

TEST_CASE("child_process: a script without an interpreter is run by sh, a binary never") {
  std::string path = (std::filesystem::temp_directory_path() / "commandXXXXXX").string();
  Fd made(::mkstemp(path.data()));
  REQUIRE(made);
  made.reset();
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::ofstream(path) << "echo \"ran $1\"\n";
  {
    World world({path, "word"});
    CHECK(world.line() == "ran word");
  }
  std::ofstream(path) << std::string(
      "\x7f"
      "ELF\0",
      5);
  World world({path});
  world.turn_until([&] { return world.not_started.has_value(); });
  CHECK(world.not_started->error == ENOEXEC);
  CHECK(world.not_started->status == 126);
  std::filesystem::remove(path);
}

TEST_CASE("child_process: when the gate's end is gone all of it dies") {
  auto world = std::make_unique<World>(
      shell("trap '' TERM; setsid sleep 1000 & sleep 1000 & echo ready; wait"));
  CHECK(world->line() == "ready");
  ChildProcess::Ends ends = std::move(world->ends);
  world.reset();  // closes the control socket, as the kernel does for a gate that is killed
  FakeClock clock;
  Reactor reactor(clock);
  bool ended = false;
  Reactor::Watch watch(reactor, ends.from_stdout.fd(), [&](Ready) {
    char c = 0;
    ended = ends.from_stdout.read({&c, 1}).kind == IoResult::Kind::end;
  });
  watch.want(Interest::read);
  while (!ended)
    reactor.turn();
  CHECK(ended);
}

TEST_CASE("child_process: when the watcher is killed the gate kills what is left") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  World world(shell("setsid sleep 1000 & echo ready; sleep 1000"));
  CHECK(world.line() == "ready");
  const std::string stat = "/proc/" + std::to_string(*world.pid) + "/stat";
  const Fd file(::open(stat.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(1000, '\0');
  REQUIRE(::read(file.get(), text.data(), text.size()) > 0);
  const pid_t watcher = std::stoi(text.substr(text.rfind(')') + 4));
  CHECK(::kill(watcher, SIGKILL) == 0);
  world.turn_until([&] { return world.killed.has_value(); });
  REQUIRE(world.exited);
  CHECK(world.exited->signal == SIGKILL);
  world.wait_for_end_of_output();
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace stdiogate
