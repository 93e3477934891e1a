#include "src/process/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/child_world.h"
#include "tests/support/pipe.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using World = ChildWorld;

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

}  // namespace
}  // namespace stdiogate
