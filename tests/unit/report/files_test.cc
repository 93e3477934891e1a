#include "src/report/files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "src/io/fd.h"
#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/pipe.h"

namespace stdiogate {
namespace {

std::string new_directory() {
  char name[] = "/tmp/stdiogate-files-XXXXXX";
  return ::mkdtemp(name);
}

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct World {
  ~World() { std::filesystem::remove_all(directory); }

  /// A turn in which a server starts.
  void start_server(std::uint64_t start) {
    files.server_started(0, start, 4711);
    files.end_of_turn();
  }
  /// A turn, later as far as the reactor knows.
  void wait(Duration time) {
    turn(time);
    files.end_of_turn();
  }
  void turn(Duration time) {
    clock.advance(time);
    Reactor::Timer now(reactor, [] {});
    now.set(reactor.now());
    reactor.turn();
  }
  [[nodiscard]] static std::size_t lines_of(const std::string& path) {
    std::size_t count = 0;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);)
      ++count;
    return count;
  }
  /// Of both files.
  [[nodiscard]] std::size_t lines() const { return lines_of(paths.trace) + lines_of(paths.record); }

  std::string directory = new_directory();
  FilePaths paths{.trace = directory + "/trace", .record = directory + "/record", .metrics = ""};
  FakeClock clock;
  Reactor reactor{clock};
  Pipe pipe;
  Outlet outlet{reactor, Stream::own(std::move(pipe.writer))};
  Log log{LogLevel::warn, LogFormat::text, outlet};
  Statistics statistics;
  Files files{
      reactor, log, paths, {.command = {"server"}, .directory = ""}, [this]() -> const Statistics& {
        return statistics;
      }};
};

TEST_CASE("files: a turn's lines are written at its end, soon after others in the next pause") {
  World world;
  world.start_server(1);
  const std::size_t first = world.lines();
  CHECK(first > 1);
  world.start_server(2);
  world.start_server(3);
  CHECK(world.lines() == first);
  world.wait(kFilePause);
  const std::size_t all = world.lines();
  CHECK(all > first);
  world.wait(kFilePause);
  world.start_server(4);
  CHECK(world.lines() > all);
}

/// Reads a FIFO. What it holds now: how many bytes.
std::size_t drained(const Fd& reader) {
  std::size_t bytes = 0;
  char some[4096];
  for (ssize_t n = 0; (n = ::read(reader.get(), some, sizeof some)) > 0;)
    bytes += static_cast<std::size_t>(n);
  return bytes;
}

TEST_CASE("files: for a FIFO that is full nobody wakes until it has room") {
  ::signal(SIGPIPE, SIG_IGN);
  World world;
  REQUIRE(::mkfifo(world.paths.trace.c_str(), 0600) == 0);
  const Fd reader(::open(world.paths.trace.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  for (std::uint64_t i = 0; i < 1000; ++i) {
    world.files.server_started(0, i, 4711);
    world.wait(kFilePause);
  }
  int turns = 0;
  Reactor::Timer now(world.reactor, [&] { ++turns; });
  now.set(world.reactor.now() + kFilePause);
  world.clock.advance(kFilePause);
  world.reactor.turn();
  CHECK(turns == 1);  // and no timer was set before
  CHECK(drained(reader) > 4096);
  world.reactor.turn();
  CHECK(drained(reader) > 0);
}

/// The record is a FIFO that has no room for all of its lines.
struct StuckRecord : World {
  StuckRecord() {
    ::signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 100; ++i)
      files.server_stderr(0, std::string(1000, 'x') + "\n");
  }

  int made = ::mkfifo(paths.record.c_str(), 0600);
  Fd reader{::open(paths.record.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
};

TEST_CASE("files: at the end all is done when the last reader has all of it") {
  StuckRecord world;
  world.files.server_started(0, 1, 4711);
  world.files.end();
  CHECK(world.lines_of(world.paths.trace) == 2);  // its start, and its end
  CHECK_FALSE(world.files.is_done());
  std::size_t bytes = 0;
  while (!world.files.is_done()) {
    bytes += drained(world.reader);
    world.turn(kFilePause);
  }
  CHECK(bytes + drained(world.reader) > 100'000);
  world.files.finish();
  CHECK(world.files.record_lost() == 0);
}

TEST_CASE("files: lines that still wait at the last call are lost") {
  StuckRecord world;
  world.files.end();
  CHECK(world.files.record_lost() == 0);
  world.files.finish();
  CHECK(world.files.record_lost() > 0);
}

TEST_CASE("files: a record that is stuck does not keep the trace back") {
  StuckRecord world;
  world.start_server(1);
  world.wait(kFilePause);
  const std::size_t before = world.lines_of(world.paths.trace);
  world.files.server_started(0, 2, 4711);
  world.files.end_of_turn();
  world.turn(kFilePause);
  CHECK(world.lines_of(world.paths.trace) == before + 1);
}

TEST_CASE("files: what was lost has its place in the record, by number, too") {
  World world;
  world.start_server(1);
  std::filesystem::remove_all(world.directory);
  world.wait(kFileTry);
  world.start_server(2);
  std::filesystem::create_directory(world.directory);
  world.wait(kFileTry);
  world.start_server(3);
  world.start_server(4);
  world.files.end();
  world.files.finish();
  REQUIRE(world.files.record_lost() > 0);
  std::ifstream in(world.paths.record);
  std::vector<int> numbers;
  bool tells = false;
  for (std::string line; std::getline(in, line);) {
    tells = tells || line.find("lost 1 lines") != std::string::npos;
    numbers.push_back(std::stoi(line.substr(line.find("\"seq\":") + 6)));
  }
  CHECK(tells);
  CHECK(numbers == std::vector<int>{3, 4, 5});
}

TEST_CASE("files: queued lines are written when the gate ends") {
  World world;
  world.start_server(1);
  world.start_server(2);
  const std::size_t before = world.lines();
  world.files.end();
  world.files.finish();
  CHECK(world.lines() > before);
}

TEST_CASE("files: metrics are a new file each time, whatever FILE.new is") {
  const std::string directory = new_directory();
  const std::string path = directory + "/metrics";
  const mode_t mask = ::umask(022);
  std::ofstream(directory + "/precious") << "precious";
  std::filesystem::create_symlink("precious", path + ".new");
  CHECK(replace_file(path, "one").error == 0);
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
  CHECK(text_of(directory + "/precious") == "precious");
  std::ofstream(path + ".new") << "left behind by another";
  std::filesystem::permissions(path + ".new", std::filesystem::perms::all);
  CHECK(replace_file(path, "two").error == 0);
  CHECK(text_of(path) == "two");
  struct stat info {};
  CHECK(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0644);
  std::filesystem::create_directory(path + ".new");
  const FileError failed = replace_file(path, "three");
  CHECK(failed.path == path + ".new");
  CHECK(failed.error == EISDIR);
  CHECK(text_of(path) == "two");
  ::umask(mask);
  std::filesystem::remove_all(directory);
}

TEST_CASE("files: what a link leads to is replaced, a stream that is open is appended to") {
  const std::string directory = new_directory();
  const std::string path = directory + "/file";
  const std::string link = directory + "/link";
  std::filesystem::create_symlink("file", link);
  CHECK(replace_file(link, "one").error == 0);
  CHECK(replace_file(link, "two").error == 0);
  CHECK(std::filesystem::is_symlink(link));
  CHECK(text_of(path) == "two");
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  CHECK(replace_file("/proc/self/fd/" + std::to_string(file.get()), "three").error == 0);
  CHECK(text_of(path) == "twothree");
  CHECK(replace_file("/proc/self/fd/1000000", "four").error == ENOENT);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace stdiogate
