#include "src/io/line_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

namespace stdiogate {
namespace {

struct World : LineFile::Owner {
  explicit World(std::uint64_t limit = 0) {
    char name[] = "/tmp/stdiogate-line-file-XXXXXX";
    directory = ::mkdtemp(name);
    path = directory + "/file";
    file.emplace(reactor, *this, path, limit);
  }
  ~World() override {
    file.reset();
    std::filesystem::remove_all(directory);
  }

  void on_lines_lost(const LineFile&, int error) override {
    ++losses;
    why = error;
  }
  std::string lost_line(std::uint64_t lines) override {
    return "lost " + std::to_string(lines) + "\n";
  }

  void put(const std::string& line) {
    file->put(line + "\n");
    file->flush();
  }
  /// Makes the line in place; not written yet.
  void make(const std::string& line) {
    char* at = file->begin_line(line.size() + 1000);
    at = std::copy(line.begin(), line.end(), at);
    *at++ = '\n';
    file->end_line(at);
  }
  /// A second later, as far as the reactor knows.
  void wait() {
    clock.advance(kFileTry);
    Reactor::Timer now(reactor, [] {});
    now.set(reactor.now());
    reactor.turn();
  }
  [[nodiscard]] std::string text(const std::string& suffix = "") const {
    std::ifstream in(path + suffix);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  FakeClock clock;
  Reactor reactor{clock};
  std::string directory;
  std::string path;
  std::optional<LineFile> file;
  int losses = 0;
  int why = 0;
};

TEST_CASE("line_file: a new file is its owner's alone, another is appended to as it is") {
  World world;
  REQUIRE(world.file->open() == 0);
  struct stat info {};
  REQUIRE(::stat(world.path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  ::chmod(world.path.c_str(), 0644);
  world.put("one");
  LineFile again(world.reactor, world, world.path, 0);
  again.put("two\n");
  again.flush();
  REQUIRE(::stat(world.path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0644);
  CHECK(world.text() == "one\ntwo\n");
}

TEST_CASE("line_file: a line behind one that another has not ended begins anew") {
  World world(22);
  std::ofstream(world.path) << "half a li";
  world.put("whole");
  world.put("more");
  CHECK(world.text() == "half a li\nwhole\nmore\n");
  std::ofstream(world.path, std::ios::app) << "x";
  LineFile again(world.reactor, world, world.path, 22);
  again.put("next\n");
  again.flush();
  CHECK(world.text(".1") == "half a li\nwhole\nmore\nx");  // there is no room to end it
  CHECK(world.text() == "next\n");
}

TEST_CASE("line_file: nothing is written before the flush, and the rest at the end") {
  World world;
  world.file->put("one\n");
  CHECK(world.text().empty());
  world.file.reset();
  CHECK(world.text() == "one\n");
}

TEST_CASE("line_file: over the limit FILE becomes FILE.1, at a line's end") {
  World world(20);
  for (const char* line : {"1234567", "2234567", "3234567", "4234567", "5234567"})
    world.file->put(std::string(line) + "\n");
  world.file->flush();
  CHECK(world.text(".1") == "3234567\n4234567\n");
  CHECK(world.text() == "5234567\n");
  CHECK(world.file->lost() == 0);
}

TEST_CASE("line_file: a line longer than the limit has a file of its own") {
  World world(20);
  world.put("short");
  const std::string line(100, 'x');
  world.put(line);
  CHECK(world.text(".1") == "short\n");
  CHECK(world.text() == line + "\n");
  world.put("short");
  CHECK(world.text(".1") == line + "\n");
  CHECK(world.text() == "short\n");
}

TEST_CASE("line_file: a line that is made in place is one like others") {
  World world(20);
  for (const char* line : {"1234567", "2234567", "3234567", "4234567", "5234567"})
    world.make(line);
  world.file->flush();
  CHECK(world.text(".1") == "3234567\n4234567\n");
  CHECK(world.text() == "5234567\n");
  const std::string line(3 * kFileRoom, 'x');
  world.make(line);
  world.make("short");
  CHECK(world.text(".1") == line + "\n");
  CHECK(world.file->has_lines());
  world.file->flush();
  CHECK(world.text() == "short\n");
  std::filesystem::remove_all(world.directory);
  world.wait();
  world.make("lost");
  world.file->flush();
  world.make("lost");
  std::filesystem::create_directory(world.directory);
  world.wait();
  world.make("found");
  world.make("found");
  world.file->flush();
  CHECK(world.text() == "lost 2\nfound\nfound\n");
}

TEST_CASE("line_file: what another has moved already is not moved again") {
  World world(20);
  world.put("0123456789abcde");
  LineFile other(world.reactor, world, world.path, 20);
  other.put("of another\n");
  other.flush();
  world.put("ours");
  CHECK(world.text(".1") == "0123456789abcde\n");
  CHECK(world.text() == "of another\nours\n");
}

TEST_CASE("line_file: a file that was renamed or removed is made anew within a second") {
  World world;
  world.put("one");
  std::filesystem::rename(world.path, world.path + ".old");
  world.wait();
  world.put("two");
  CHECK(world.text(".old") == "one\n");
  CHECK(world.text() == "two\n");
  std::filesystem::remove(world.path);
  world.wait();
  world.put("three");
  CHECK(world.text() == "three\n");
  CHECK(world.losses == 0);
}

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
