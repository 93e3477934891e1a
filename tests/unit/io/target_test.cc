#include "src/io/target.h"

#include <fcntl.h>

#include <filesystem>
#include <string>

#include "src/io/fd.h"
#include "tests/support/line_file_world.h"

namespace stdiogate {
namespace {

TEST_CASE("target: links are followed, also those to what is not there") {
  const LineFileWorld world;
  const std::string folder = std::filesystem::canonical(world.directory);
  std::filesystem::create_symlink("file", folder + "/link");
  std::filesystem::create_symlink(folder + "/link", folder + "/further");
  std::filesystem::create_symlink("loop", folder + "/loop");
  CHECK(target_of(folder + "/none/../file") == folder + "/file");
  CHECK(target_of(folder + "/further") == folder + "/file");
  CHECK(target_of(folder + "/loop") == folder + "/loop");
  CHECK(target_of("x") == std::filesystem::current_path() / "x");
}

TEST_CASE("target: a stream that is open has none, whatever file it is") {
  const LineFileWorld world;
  const Fd file(::open(world.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::string number = std::to_string(file.get());
  std::filesystem::create_symlink("/proc/self/fd/" + number, world.directory + "/link");
  CHECK(target_of("/proc/self/fd/" + number).empty());
  CHECK(target_of(world.directory + "/link").empty());
  CHECK(target_of("/dev/stderr").empty());
  CHECK(target_of("/dev/null") == "/dev/null");
}

TEST_CASE("line_file: a full file behind a link is moved, not the link") {
  LineFileWorld world(20);
  std::filesystem::create_symlink("real", world.path);
  world.put("123456789012345");
  world.put("second");
  CHECK(world.text() == "second\n");
  CHECK(std::filesystem::is_symlink(world.path));
  CHECK(std::filesystem::exists(world.directory + "/real.1"));
  CHECK_FALSE(std::filesystem::exists(world.path + ".1"));
}

TEST_CASE("line_file: a stream that is open has no limit and keeps its name") {
  LineFileWorld world;
  const Fd file(::open(world.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  LineFile lines(world.reactor, world, "/proc/self/fd/" + std::to_string(file.get()), 10);
  for (const char* line : {"12345678\n", "second\n", "third\n"}) {
    lines.put(line);
    lines.flush();
  }
  CHECK(world.text() == "12345678\nsecond\nthird\n");
  CHECK(world.losses == 0);
}

}  // namespace
}  // namespace stdiogate
