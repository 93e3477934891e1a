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

TEST_CASE(
    "line_file: while its folder is gone lines are lost and counted, and reported once each time") {
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
  std::filesystem::remove_all(world.directory);
  world.wait();
  world.put("lost");
  CHECK(world.losses == 2);
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
    const SmallFiles limit(5);
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
  world.put("lost: not tried again yet");
  world.wait();
  world.put("four");
  CHECK(world.text() == "one\nlost 3\nfour\n");
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

/// Who reads a FIFO.
class Reader {
 public:
  explicit Reader(const std::string& path)
      : fifo_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    ::signal(SIGPIPE, SIG_IGN);
  }

  [[nodiscard]] std::size_t capacity() const {
    return static_cast<std::size_t>(::fcntl(fifo_.get(), F_GETPIPE_SZ));
  }
  /// What it holds, `most` bytes of it.
  [[nodiscard]] std::string take(std::size_t most = 1 << 20) const {
    std::string bytes(most, '\0');
    const ssize_t n = ::read(fifo_.get(), bytes.data(), most);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

 private:
  Fd fifo_;
};

TEST_CASE("line_file: a FIFO without a reader cannot be written, and it has no limit") {
  World world(20);
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  CHECK(world.file->open() == ENXIO);
  world.put("lost");
  Reader reader(world.path);
  world.wait();
  const std::string line(1000, 'x');
  world.put(line);
  world.put(line);
  CHECK(reader.take() == "lost 1\n" + line + "\n" + line + "\n");
  CHECK_FALSE(std::filesystem::exists(world.path + ".1"));
}

TEST_CASE("line_file: a FIFO is never waited for: lines beyond the queue are lost") {
  World world;
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  Reader reader(world.path);
  const std::string line(1023, 'x');
  for (std::size_t size = 0; size < reader.capacity() + kFileRoom; size += line.size() + 1)
    world.put(line);
  CHECK(world.file->lost() == 0);
  world.put(line);
  CHECK(world.file->lost() == 1);
  CHECK(world.why == EAGAIN);
  std::string all;
  while (all.size() < kFileRoom) {
    all += reader.take(4096);
    world.reactor.turn();
  }
  world.put("lost: there is no room yet to say so");
  all += reader.take();
  world.make("end");
  world.file->flush();
  CHECK(all.size() == reader.capacity() + kFileRoom);
  CHECK(reader.take() == "lost 2\nend\n");
}

TEST_CASE("line_file: the rest of a line comes as soon as a FIFO has room") {
  World world;
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  Reader reader(world.path);
  const std::string line(3 * reader.capacity(), 'x');
  world.put(line);
  CHECK_FALSE(world.file->wants_flush());
  std::string all;
  while (all.size() <= line.size()) {
    all += reader.take();
    if (all.size() <= line.size()) world.reactor.turn();
  }
  CHECK(all == line + "\n");
  world.make("next");
  CHECK(world.file->wants_flush());
}

TEST_CASE("line_file: what was lost is said as soon as a FIFO has room") {
  World world;
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  Reader reader(world.path);
  world.put(std::string(reader.capacity() + kFileRoom - 1, 'x'));
  world.put("lost");
  std::string all;
  while (all.size() < reader.capacity() + kFileRoom) {
    all += reader.take();
    world.reactor.turn();
  }
  CHECK(reader.take() == "lost 1\n");
}

TEST_CASE("line_file: a FIFO whose reader goes in the middle of a line is one without a reader") {
  World world;
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  {
    Reader reader(world.path);
    world.put(std::string(reader.capacity(), 'x'));
  }
  world.reactor.turn();
  CHECK(world.why == EPIPE);
  CHECK(world.file->lost() == 1);
}

TEST_CASE("line_file: at the end, what a FIFO has no room for is lost and counted") {
  World world;
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  Reader reader(world.path);
  world.put(std::string(reader.capacity() - 1, 'x'));
  world.put("one");
  world.put("two");
  CHECK(world.losses == 0);
  world.file->finish();
  CHECK(world.file->lost() == 2);
  CHECK(world.losses == 1);
  CHECK(world.why == EAGAIN);
}

TEST_CASE("line_file: at the end, what was lost is said") {
  World world;
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  world.put("lost");
  world.wait();
  Reader reader(world.path);
  world.file->finish();
  CHECK(reader.take() == "lost 1\n");
}

TEST_CASE("line_file: at the end it is tried once more, though it has just failed") {
  World world;
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  world.put("lost");
  Reader reader(world.path);
  world.put("too early for the next try");
  world.file->finish();
  CHECK(reader.take() == "lost 2\n");
}

}  // namespace
}  // namespace stdiogate
