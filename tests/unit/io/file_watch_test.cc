#include "src/io/file_watch.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

namespace stdiogate {
namespace {

/// A directory with a file that is watched as `path`.
struct World {
  World() { REQUIRE(::mkdtemp(directory.data())); }
  ~World() { std::filesystem::remove_all(directory); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory + "/" + name) << text;
  }

  /// One look later.
  void look() {
    clock.advance(kWatchInterval);
    reactor.turn();
  }

  /// How often it reports a change in this many looks.
  int changes(int looks) {
    const int before = count;
    for (int i = 0; i < looks; ++i)
      look();
    return count - before;
  }

  std::string directory = (std::filesystem::temp_directory_path() / "watchXXXXXX").string();
  FakeClock clock;
  Reactor reactor{clock};
  int count = 0;
};

TEST_CASE("file_watch: a file that was written is reported once, when it is at rest") {
  World world;
  world.write("file", "1");
  const FileWatch watch(world.reactor, world.directory + "/file", [&] { ++world.count; });
  CHECK(world.changes(3) == 0);
  world.write("file", "12");
  CHECK(world.changes(1) == 0);
  world.write("file", "123");
  CHECK(world.changes(1) == 0);
  CHECK(world.changes(1) == 1);
  CHECK(world.changes(3) == 0);
}

TEST_CASE("file_watch: a file that is gone is reported when it is back") {
  World world;
  world.write("file", "1");
  const FileWatch watch(world.reactor, world.directory + "/file", [&] { ++world.count; });
  std::filesystem::remove(world.directory + "/file");
  CHECK(world.changes(3) == 0);
  world.write("file", "new");
  CHECK(world.changes(2) == 1);
}

TEST_CASE("file_watch: a file that was not there is reported when it comes") {
  World world;
  const FileWatch watch(world.reactor, world.directory + "/none/file", [&] { ++world.count; });
  CHECK(world.changes(2) == 0);
  std::filesystem::create_directory(world.directory + "/none");
  world.write("none/file", "1");
  CHECK(world.changes(2) == 1);
}

TEST_CASE("file_watch: a file that was moved away and back again has not changed") {
  World world;
  world.write("file", "1");
  std::filesystem::create_symlink(world.directory + "/file", world.directory + "/link");
  const FileWatch watch(world.reactor, world.directory + "/link", [&] { ++world.count; });
  std::filesystem::remove(world.directory + "/link");
  CHECK(world.changes(2) == 0);
  std::filesystem::create_symlink("file", world.directory + "/link");
  CHECK(world.changes(2) == 0);
}

TEST_CASE("file_watch: a link that leads elsewhere, and a mode, are changes") {
  World world;
  world.write("file", "1");
  world.write("other", "1");
  std::filesystem::create_symlink("file", world.directory + "/link");
  const FileWatch watch(world.reactor, world.directory + "/link", [&] { ++world.count; });
  std::filesystem::remove(world.directory + "/link");
  std::filesystem::create_symlink("other", world.directory + "/link");
  CHECK(world.changes(2) == 1);
  std::filesystem::permissions(world.directory + "/other", std::filesystem::perms::owner_all);
  CHECK(world.changes(2) == 1);
}

}  // namespace
}  // namespace stdiogate
