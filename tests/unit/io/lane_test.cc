#include "src/io/lane.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "src/io/sink.h"
#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/lane_world.h"

namespace stdiogate {
namespace {

using World = LaneWorld;

TEST_CASE("lane: lines go from the source to the sink") {
  World world;
  CHECK(world.lane.is_reading());
  world.source.put("one\ntwo\nthr");
  world.reactor.turn();
  CHECK(world.lines == std::vector<std::string>{"one", "two"});
  CHECK(world.sink.take() == "one\ntwo\n");
  world.source.put("ee\n");
  world.reactor.turn();
  CHECK(world.sink.take() == "three\n");
  CHECK(world.out.bytes_written() == 14);
}

TEST_CASE("lane: all whole lines of a read are one write") {
  World world;
  world.source.put("1\n2\n3\n4\n5\n");
  world.reactor.turn();
  CHECK(world.sink.take(100) == "1\n2\n3\n4\n5\n");  // one read of a pipe gets all there is
}

TEST_CASE("lane: while it may not read nothing is read, and all goes on when it may") {
  World world;
  world.full = true;
  world.turn_all();
  CHECK_FALSE(world.lane.is_reading());
  world.source.put("one\n");
  world.turn_all();
  CHECK(world.lines.empty());
  world.full = false;
  world.turn_all();
  CHECK(world.take_all() == "one\n");
  CHECK(world.lane.is_reading());
}

TEST_CASE("lane: a sink that takes nothing stops the source") {
  World world;
  const std::string line(999, 'x');
  std::size_t sent = 0;
  for (; sent < 200 && world.lane.is_reading(); ++sent) {
    world.source.put(line + "\n");
    world.turn_all();
  }
  CHECK(sent > kHighWater / 1000);
  CHECK(sent < kHighWater / 1000 + 35);  // two pipes of a page and a read
  CHECK(world.writer.size() < kHighWater + kMaxRead);
  std::string all = world.take_all();
  CHECK(all.size() == 1000 * sent);
  CHECK(world.lane.is_reading());
}

TEST_CASE("lane: of many small lines not all are read at once") {
  World world;
  ::fcntl(world.source.writer.get(), F_SETPIPE_SZ, 64 * 1024);
  std::string many;
  while (many.size() < 3 * kMaxRead)
    many += std::string(63, 'x') + "\n";
  world.source.put(many);
  world.reactor.turn();
  CHECK(world.lines.size() == kMaxRead / 64);
  world.reactor.turn();
  CHECK(world.lines.size() == 2 * kMaxRead / 64);
}

TEST_CASE("lane: of a packet nothing is lost") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  const Fd sender(ends[0]);
  const Fd receiver(ends[1]);
  World world;
  Lane lane(world.reactor, world, 1 << 20);
  world.reactor.on_turn_end([&lane] { lane.end_of_turn(); });
  lane.connect_source(Stream::inherited(receiver.get(), false));
  const std::string line(2 * kMaxRead, 'x');
  const std::string packet = line + "\nnext\n";
  REQUIRE(::send(sender.get(), packet.data(), packet.size(), 0) ==
          static_cast<ssize_t>(packet.size()));
  world.turn_all();
  CHECK(world.lines == std::vector<std::string>{line, "next"});
}

TEST_CASE("lane: within a line all that is there is read at once") {
  World world;
  ::fcntl(world.source.writer.get(), F_SETPIPE_SZ, 64 * 1024);
  world.source.put(std::string(3 * kMaxRead, 'x'));
  world.reactor.turn();
  world.source.put("y\n");
  world.reactor.turn();
  REQUIRE(world.lines.size() == 1);
  CHECK(world.lines[0].size() == 3 * kMaxRead + 1);
}

TEST_CASE("lane: at the source's end the last line is judged before the end is told") {
  World world;
  world.source.put("one\nlast");
  world.source.writer.reset();
  world.turn_all();
  CHECK(world.lines == std::vector<std::string>{"one", "last"});
  CHECK(world.ends == 1);
  CHECK(world.end_error == 0);
  CHECK_FALSE(world.lane.has_source());
  CHECK(world.sink.take() == "one\nlast\n");
}

TEST_CASE("lane: a source that hangs up while it is not read is reported once, and its end later") {
  World world;
  world.full = true;
  world.turn_all();
  world.source.put("the rest\n");
  world.source.writer.reset();
  world.turn_all();
  CHECK(world.hangups == 1);
  CHECK(world.ends == 0);
  world.full = false;
  world.turn_all();
  CHECK(world.take_all() == "the rest\n");
  CHECK(world.ends == 1);
  CHECK(world.hangups == 1);
}

TEST_CASE("lane: the death of the sink's reader is told without anything to write") {
  World world;
  world.sink.reader.reset();
  world.reactor.turn();
  CHECK(world.sinks_gone == 1);
  CHECK(world.sink_error == 0);
  CHECK_FALSE(world.out.is_connected());
}

TEST_CASE("lane: without a sink lines are still judged, and what they make is thrown away") {
  World world;
  world.sink.reader.reset();
  world.turn_all();
  for (int i = 0; i < 100; ++i) {
    world.source.put(std::string(4000, 'x') + "\n");
    world.reactor.turn();
  }
  CHECK(world.lines.size() == 100);
  CHECK(world.writer.empty());
  CHECK(world.sinks_gone == 1);
}

TEST_CASE("lane: bytes queued for a sink that goes are thrown away, and reading goes on") {
  World world;
  while (world.lane.is_reading()) {
    world.source.put(std::string(3000, 'a') + "\n");
    world.turn_all();
  }
  world.sink.reader.reset();
  world.turn_all();
  CHECK(world.sinks_gone == 1);
  CHECK(world.writer.empty());
  CHECK(world.lane.is_reading());
}

TEST_CASE("lane: lines for which there is no room wait, in the middle of a read too") {
  World world;
  world.full_after = 2;
  world.source.put("1\n2\n3\n4\n");
  world.source.writer.reset();
  world.turn_all();
  CHECK(world.lines.size() == 2);
  CHECK_FALSE(world.lane.is_reading());
  CHECK(world.ends == 0);
  world.full = false;
  world.turn_all();
  CHECK(world.lines.size() == 4);
  CHECK(world.ends == 1);
}

TEST_CASE("lane: others may write to its sink while its source is silent") {
  World world;
  world.writer.append("a reply");
  world.turn_all();
  CHECK(world.sink.take() == "a reply\n");
  CHECK(world.lane.is_reading());
}

TEST_CASE("lane: a giant line passes through pipes of a page, byte for byte") {
  World world(10 << 20);
  std::string giant;
  for (int i = 0; giant.size() < (2 << 20); ++i)
    giant += std::to_string(i);
  std::string received;
  const std::string sent = giant + "\n";
  std::size_t at = 0;
  ::fcntl(world.sink.reader.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(world.source.writer.get(), F_SETFL, O_NONBLOCK);
  std::string chunk(65536, '\0');
  for (int i = 0; i < 100'000 && received.size() < sent.size(); ++i) {
    const ssize_t put = ::write(world.source.writer.get(), sent.data() + at, sent.size() - at);
    if (put > 0) at += static_cast<std::size_t>(put);
    Reactor::Timer alarm(world.reactor, [] {});
    alarm.set(world.clock.now());
    world.reactor.turn();
    const ssize_t got = ::read(world.sink.reader.get(), chunk.data(), chunk.size());
    if (got > 0) received.append(chunk, 0, static_cast<std::size_t>(got));
  }
  CHECK(received == sent);
  CHECK(world.writer.capacity() <= LineWriter::kKept);  // its room went back
}

TEST_CASE("lane: a regular file is read to its end without being polled") {
  World world;
  char path[] = "/tmp/stdiogate-lane-test-XXXXXX";
  const Fd file(::mkstemp(path));
  REQUIRE(::write(file.get(), "a\nb\n", 4) == 4);
  ::lseek(file.get(), 0, SEEK_SET);
  ::unlink(path);
  world.lane.connect_source(Stream::inherited(file.get(), false));
  world.turn_all();
  CHECK(world.lines == std::vector<std::string>{"a", "b"});
  CHECK(world.ends == 1);
}

TEST_CASE("lane: a source whose writers do not matter any more ends with what is in it") {
  World world;
  world.source.put("one\ntw");
  world.lane.end_when_dry();
  world.source.put("o\nof another writer\n");
  world.turn_all();
  CHECK(world.lines == std::vector<std::string>{"one", "tw"});
  CHECK(world.ends == 1);
}

}  // namespace
}  // namespace stdiogate
