// What a child has started, when it or the gate ends.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "src/process/process_tree.h"
#include "tests/support/catch.h"
#include "tests/support/child_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using World = ChildWorld;

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
