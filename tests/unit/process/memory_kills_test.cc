#include "src/process/memory_kills.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

namespace fs = std::filesystem;

struct Root {
  Root() { REQUIRE(::mkdtemp(path.data())); }
  ~Root() { fs::remove_all(path); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories(fs::path(path + file).parent_path());
    std::ofstream(path + file) << text;
  }
  std::string path = (fs::temp_directory_path() / "rootXXXXXX").string();
};

TEST_CASE("memory_kills: what memory.events of our group counts") {
  const Root root;
  root.write("/proc/self/cgroup", "1:name=systemd:/x\n0::/user/server.scope\n");
  root.write("/sys/fs/cgroup/user/server.scope/memory.events",
             "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n");
  CHECK(memory_kills(root.path) == 2);
}

TEST_CASE("memory_kills: none where there is no such file") {
  const Root root;
  CHECK(memory_kills(root.path) == 0);
  root.write("/proc/self/cgroup", "4:memory:/x\n");
  CHECK(memory_kills(root.path) == 0);
  root.write("/proc/self/cgroup", "0::/\n");
  CHECK(memory_kills(root.path) == 0);
}

}  // namespace
}  // namespace stdiogate
