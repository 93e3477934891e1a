#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/line_file_world.h"

namespace stdiogate {
namespace {

using World = LineFileWorld;

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
  for (const std::uint64_t limit : {14U, 15U}) {
    World world(limit);
    std::ofstream(world.path) << "h";
    world.put("whole");
    world.put("more");
    CHECK(world.text() == "h\nwhole\nmore\n");
    std::ofstream(world.path, std::ios::app) << "x";
    LineFile again(world.reactor, world, world.path, limit);
    again.put("next\n");
    again.flush();
    const std::string end = limit == 15 ? "\n" : "";  // if there is room for it
    CHECK(world.text(".1") == "h\nwhole\nmore\nx" + end);
    CHECK(world.text() == "next\n");
  }
}

TEST_CASE("line_file: nothing is written before the flush, and the rest at the end") {
  World world(100);
  world.file->put("one\n");
  world.file->put("three\n");
  CHECK(world.text().empty());
  world.file.reset();
  CHECK(world.text() == "one\nthree\n");
}

TEST_CASE("line_file: lines that have filled the queue are written before the next") {
  for (const bool in_place : {true, false}) {
    World world;
    REQUIRE(world.file->open() == 0);
    const std::string line(kFileRoom - 1, 'x');
    world.make(line);
    CHECK(world.text().empty());
    in_place ? world.make("next") : world.file->put("next\n");
    CHECK(world.text() == line + "\n");
    world.file->flush();
    CHECK(world.text() == line + "\nnext\n");
    CHECK(world.losses == 0);
  }
}

TEST_CASE("line_file: over the limit FILE becomes FILE.1, at a line's end") {
  World world(24);
  for (const char* line : {"1234567", "2234567", "3234567", "4234567", "5234567"})
    world.file->put(std::string(line) + "\n");
  world.file->flush();
  CHECK(world.text(".1") == "1234567\n2234567\n3234567\n");
  CHECK(world.text() == "4234567\n5234567\n");
  CHECK(world.file->lost() == 0);
}

TEST_CASE("line_file: a line longer than the limit has a file of its own") {
  World world(20);
  const std::string line(100, 'x');
  world.put(line);
  CHECK_FALSE(std::filesystem::exists(world.path + ".1"));
  world.put("");
  CHECK(world.text(".1") == line + "\n");
  CHECK(world.text() == "\n");
  world.put(line);
  CHECK(world.text(".1") == "\n");
  CHECK(world.text() == line + "\n");
}

TEST_CASE("line_file: a line that is made in place is one like others") {
  World world(24);
  for (const char* line : {"1234567", "2234567", "3234567", "4234567", "5234567"})
    world.make(line);
  world.file->flush();
  CHECK(world.text(".1") == "1234567\n2234567\n3234567\n");
  CHECK(world.text() == "4234567\n5234567\n");
  const std::string line(3 * kFileRoom, 'x');
  world.make(line);
  world.make("short");
  CHECK(world.text(".1") == line + "\n");
  CHECK(world.file->wants_flush());
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

}  // namespace
}  // namespace stdiogate
