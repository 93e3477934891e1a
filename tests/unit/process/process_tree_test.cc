#include "src/process/process_tree.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

namespace fs = std::filesystem;

TEST_CASE("process_tree: knows its children, and which of them have ended") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  const auto all = children();
  REQUIRE(all);
  CHECK(std::find(all->begin(), all->end(), child) != all->end());
  reap_children(child);
  CHECK(is_zombie(child));
  reap_children(0);
  CHECK_FALSE(is_zombie(child));
}

struct Root {
  Root() { REQUIRE(::mkdtemp(path.data())); }
  ~Root() { fs::remove_all(path); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories(fs::path(path + file).parent_path());
    std::ofstream(path + file) << text;
  }
  std::string path = (fs::temp_directory_path() / "rootXXXXXX").string();
};

TEST_CASE("process_tree: memory kills are what memory.events of our group counts") {
  const Root root;
  root.write("/proc/self/cgroup", "1:name=systemd:/x\n0::/user/server.scope\n");
  root.write("/sys/fs/cgroup/user/server.scope/memory.events",
             "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n");
  CHECK(memory_kills(root.path) == 2);
}

TEST_CASE("process_tree: no memory kills where there is no such file") {
  const Root root;
  CHECK(memory_kills(root.path) == 0);
  root.write("/proc/self/cgroup", "4:memory:/x\n");
  CHECK(memory_kills(root.path) == 0);
  root.write("/proc/self/cgroup", "0::/\n");
  CHECK(memory_kills(root.path) == 0);
}

}  // namespace
}  // namespace stdiogate
