// Lines that a file could not take.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/line_file_world.h"

namespace stdiogate {
namespace {

using World = LineFileWorld;

TEST_CASE("line_file: while its folder is gone lines are lost, counted and reported once") {
  World world;
  world.put("one");
  std::filesystem::remove_all(world.directory);
  world.wait();
  for (int i = 0; i < 3; ++i)
    world.put("lost");
  world.wait();
  world.put("lost");
  CHECK(world.file->lost() == 4);
  CHECK(world.losses == 1);
  CHECK(world.why == ENOENT);
  std::filesystem::create_directory(world.directory);
  world.put("lost: not tried again yet");
  world.wait();
  world.put("two");
  world.put("three");
  CHECK(world.text() == "lost 5\ntwo\nthree\n");
  CHECK(world.file->lost() == 5);
}

TEST_CASE("line_file: what is lost is said within the limit, too, and once if it cannot be moved") {
  World world(16);
  world.put("0123456789");
  std::filesystem::create_directories(world.path + ".1/full");
  for (int i = 0; i < 3; ++i) {
    world.put("0123456789");
    world.wait();
  }
  CHECK(world.losses == 1);
  CHECK(world.text() == "0123456789\n");
  std::filesystem::remove_all(world.path + ".1");
  world.put("found");
  CHECK(world.text(".1") == "0123456789\n");
  CHECK(world.text() == "lost 3\nfound\n");
}

/// While it lives no file of this process can grow beyond `most` bytes.
struct SmallFiles {
  explicit SmallFiles(rlim_t most) {
    ::signal(SIGXFSZ, SIG_IGN);
    (void)::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{.rlim_cur = most, .rlim_max = before.rlim_max};
    (void)::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallFiles() {
    (void)::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, SIG_DFL);
  }
  rlimit before{};
};

TEST_CASE("line_file: of a line that does not fit nothing stays, and the next begins anew") {
  World world;
  world.put("one");
  {
    const SmallFiles limit(6);
    world.put("two");
    CHECK(world.text() == "one\n");
    world.put("three");
  }
  CHECK(world.why == EFBIG);
  world.wait();
  world.put("four");
  CHECK(world.text() == "one\nlost 2\nfour\n");
}

TEST_CASE("line_file: only the line that does not fit is cut off, whoever wrote those before") {
  World world;
  world.put("one");
  std::ofstream(world.path, std::ios::app) << "of another\n";
  {
    const SmallFiles limit(24);
    world.file->put("two\n");
    world.file->put("three\n");
    world.file->flush();
  }
  CHECK(world.text() == "one\nof another\ntwo\n");
  CHECK(world.file->lost() == 1);
}

TEST_CASE("line_file: a loss that does not fit is not said in part") {
  World world;
  world.put("one");
  {
    const SmallFiles limit(6);
    world.put("two");
    world.wait();
    world.put("three");
    CHECK(world.text() == "one\n");
  }
  world.wait();
  world.put("four");
  CHECK(world.text() == "one\nlost 2\nfour\n");
}

TEST_CASE("line_file: behind a line that has no end nothing is written until that can be ended") {
  World world;
  std::ofstream(world.path) << "half a li";
  {
    const SmallFiles limit(9);
    CHECK(world.file->open() == EFBIG);
  }
  world.put("whole");
  CHECK(world.text() == "half a li\nwhole\n");
}

TEST_CASE("line_file: a FIFO is never waited for, and without a reader it cannot be written") {
  ::signal(SIGPIPE, SIG_IGN);
  World world(20);
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  CHECK(world.file->open() == ENXIO);
  world.put("lost");
  const Fd reader(::open(world.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  world.wait();
  const std::string line(1000, 'x');
  for (int i = 0; i < 1000; ++i)
    world.put(line);
  CHECK(world.file->lost() > 500);
  std::string all;
  char bytes[65536];
  for (int i = 0; i < 10; ++i) {
    for (ssize_t n = 0; (n = ::read(reader.get(), bytes, sizeof bytes)) > 0;)
      all.append(bytes, static_cast<std::size_t>(n));
    world.file->flush();
  }
  const std::uint64_t lost = world.file->lost();
  world.put("end");
  const ssize_t n = ::read(reader.get(), bytes, sizeof bytes);
  REQUIRE(n > 0);
  all.append(bytes, static_cast<std::size_t>(n));
  CHECK(all.starts_with("lost 1\n" + line + "\n"));
  CHECK(all.ends_with(line + "\nlost " + std::to_string(lost - 1) + "\nend\n"));
  CHECK_FALSE(std::filesystem::exists(world.path + ".1"));
}

}  // namespace
}  // namespace stdiogate
