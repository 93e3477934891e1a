#include "src/io/lane.h"

#include <fcntl.h>

#include <memory>
#include <string>
#include <vector>

#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/pipe.h"

namespace stdiogate {
namespace {

using State = Lane::State;

/// A lane between two small pipes, with a judge that passes every line on.
struct World : Lane::Judge, Sink::Owner {
  explicit World(std::size_t max_line = 1 << 20) : lane(reactor, *this, out, other, max_line) {
    lane.connect_source(Stream::own(std::move(source.reader)));
    out.connect(Stream::own(std::move(sink.writer)));
  }

  void on_line(Lane&, const Line& line) override {
    lines.push_back(std::string(line.bytes));
    written_before.push_back(out.bytes_written());
    writer.append(line.bytes);
    if (reply.empty()) return;
    replies.append(reply);
    replies.note_replies(reply.size());
  }
  void on_source_end(Lane&, int error) override {
    ++ends;
    end_error = error;
  }
  void on_source_hangup(Lane&) override { ++hangups; }
  void on_sink_gone(Sink&, int error) override {
    ++sinks_gone;
    sink_error = error;
  }
  void on_activity() override {
    for (bool busy = true; busy;) {
      const bool judged = lane.step();
      const bool drained = out.step();
      busy = judged || drained;
    }
  }

  /// Turns until nothing is ready any more.
  void turn_all() {
    for (int i = 0; i < 100; ++i) {
      Reactor::Timer alarm(reactor, [] {});
      alarm.set(clock.now());
      reactor.turn();
    }
  }

  /// Reads from the sink, and lets the lane go on, until it has nothing left to write.
  std::string take_all() {
    std::string all;
    while (!writer.empty()) {
      all += sink.take();
      turn_all();
    }
    ::fcntl(sink.reader.get(), F_SETFL, O_NONBLOCK);
    char c = 0;
    while (::read(sink.reader.get(), &c, 1) == 1)
      all += c;
    ::fcntl(sink.reader.get(), F_SETFL, 0);
    return all;
  }

  FakeClock clock;
  Reactor reactor{clock};
  Pipe source;
  Pipe sink;
  Sink out{reactor, *this};
  Sink other{reactor, *this};
  LineWriter& writer = out.writer();
  LineWriter& replies = other.writer();
  std::string reply;
  std::vector<std::string> lines;
  std::vector<std::uint64_t> written_before;  // each line, to the sink
  int ends = 0;
  int end_error = 0;
  int hangups = 0;
  int sinks_gone = 0;
  int sink_error = 0;
  Lane lane;
};

TEST_CASE("lane: lines go from the source to the sink") {
  World world;
  CHECK(world.lane.state() == State::reading);
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

TEST_CASE("lane: while the sink is full nothing is read, and all goes on when it is not") {
  World world;
  const std::string line(3000, 'x');
  for (int i = 0; i < 3; ++i) {
    world.source.put(line + "\n");
    world.turn_all();
  }
  CHECK(world.lane.state() == State::draining);
  const std::size_t judged = world.lines.size();
  CHECK(judged == 2);  // the second did not fit, the third was not read
  world.turn_all();
  CHECK(world.lines.size() == judged);
  CHECK(world.take_all() == line + "\n" + line + "\n" + line + "\n");
  CHECK(world.lane.state() == State::reading);
}

TEST_CASE("lane: of many small lines not all are read at once, and those are one write") {
  World world;
  ::fcntl(world.source.writer.get(), F_SETPIPE_SZ, 64 * 1024);
  ::fcntl(world.sink.reader.get(), F_SETPIPE_SZ, 64 * 1024);
  std::string many;
  for (std::size_t i = 0; i < 4 * kLinesATurn; ++i)
    many += std::string(63, 'x') + "\n";
  world.source.put(many);
  world.reactor.turn();  // how long they are is known now
  world.lines.clear();
  world.written_before.clear();
  (void)world.sink.take(many.size());
  world.source.put(many);
  world.reactor.turn();
  CHECK(world.lines.size() == kLinesATurn);
  CHECK(world.written_before.back() == many.size());
  world.turn_all();
  CHECK(world.lines.size() == 4 * kLinesATurn);
}

TEST_CASE("lane: the first lines of all there are go out before the rest is judged") {
  World world;
  std::string many;
  for (std::size_t i = 0; i < 3 * kFirstLines; ++i)
    many += std::string(63, 'x') + "\n";
  REQUIRE(many.size() <= 4096);
  world.source.put(many.substr(0, 64));
  world.reactor.turn();  // how long they are is known now
  (void)world.sink.take(64);
  world.written_before.clear();
  world.source.put(many);
  world.reactor.turn();
  const std::uint64_t first = 64 + 64 * kFirstLines;
  CHECK(world.written_before[kFirstLines - 1] == 64);
  CHECK(world.written_before[kFirstLines] == first);
  CHECK(world.written_before.back() == first);
  CHECK(world.take_all() == many);
}

TEST_CASE("lane: the rest waits while the sink has not taken the first lines") {
  World world;
  world.source.put(std::string(399, 'x') + "\n");
  world.reactor.turn();  // how long they are is known now
  (void)world.sink.take(400);
  ::fcntl(world.source.writer.get(), F_SETPIPE_SZ, 64 * 1024);
  std::string many;
  for (std::size_t i = 0; i < 2 * kFirstLines; ++i)
    many += std::string(399, static_cast<char>('a' + i % 26)) + "\n";
  world.lines.clear();
  world.source.put(many);
  world.source.writer.reset();
  world.turn_all();
  CHECK(world.lines.size() == kFirstLines);  // more than the sink's pipe of a page holds
  CHECK(world.lane.state() == State::draining);
  CHECK(world.ends == 0);
  CHECK(world.take_all() == many);
  CHECK(world.ends == 1);
}

TEST_CASE("lane: at the source's end the last line is judged before the end is told") {
  World world;
  world.source.put("one\nlast");
  world.source.writer.reset();
  world.turn_all();
  CHECK(world.lines == std::vector<std::string>{"one", "last"});
  CHECK(world.ends == 1);
  CHECK(world.end_error == 0);
  CHECK(world.lane.state() == State::closed);
  CHECK(world.sink.take() == "one\nlast\n");
}

TEST_CASE("lane: a source that hangs up while it is not read is told of once, and its end later") {
  World world;
  world.source.put(std::string(3000, 'a') + "\n");
  world.turn_all();
  world.source.put(std::string(3000, 'b') + "\n");
  world.turn_all();
  REQUIRE(world.lane.state() == State::draining);
  world.source.put("the rest\n");
  world.source.writer.reset();
  world.turn_all();
  CHECK(world.hangups == 1);
  CHECK(world.ends == 0);
  CHECK(world.take_all().ends_with("b\nthe rest\n"));
  world.turn_all();
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

TEST_CASE("lane: what waits for a sink that goes is thrown away, and reading goes on") {
  World world;
  world.source.put(std::string(3000, 'a') + "\n");
  world.turn_all();
  world.source.put(std::string(3000, 'b') + "\n");
  world.turn_all();
  REQUIRE(world.lane.state() == State::draining);
  world.sink.reader.reset();
  world.turn_all();
  CHECK(world.sinks_gone == 1);
  CHECK(world.writer.empty());
  CHECK(world.lane.state() == State::reading);
}

TEST_CASE("lane: too many replies hold the lane that causes them, in the middle of a chunk too") {
  World world;
  world.reply.assign(10'000, 'r');
  std::string chunk;
  for (int i = 0; i < 1000; ++i)
    chunk += "x\n";
  world.source.put(chunk);
  world.turn_all();
  CHECK(world.lane.state() == State::held);
  CHECK(world.replies.size() >= kHighWater);
  CHECK(world.replies.size() < kHighWater + 20'000);
  const std::size_t judged = world.lines.size();
  CHECK(judged < 200);
  world.turn_all();
  CHECK(world.lines.size() == judged);
  world.reply.clear();
  world.replies.clear();  // the other sink has taken them
  world.on_activity();
  world.turn_all();
  CHECK(world.lines.size() == 1000);
  CHECK(world.lane.state() == State::reading);
}

TEST_CASE("lane: what waits for the other sink and is no reply holds nobody") {
  World world;
  world.replies.append(std::string(2 * kHighWater, 'x'));  // a giant of the other lane's
  world.source.put("a\n");
  world.turn_all();
  CHECK(world.lines.size() == 1);
  CHECK(world.lane.state() == State::reading);
}

TEST_CASE("lane: replies to others that wait for its sink do not keep it from judging") {
  World world;
  const std::string reply(20'000, 'r');  // more than the pipe holds
  world.writer.append(reply);
  world.writer.note_replies(reply.size() + 1);
  world.on_activity();
  REQUIRE_FALSE(world.writer.empty());
  world.source.put("one\n");
  world.turn_all();
  CHECK(world.lines.size() == 1);
  CHECK(world.lane.state() == State::draining);  // now its own line waits
  world.source.put("two\n");
  world.turn_all();
  CHECK(world.lines.size() == 1);
  CHECK(world.take_all() == reply + "\none\ntwo\n");
  CHECK(world.lines.size() == 2);
}

TEST_CASE("lane: others may write to its sink while its source is silent") {
  World world;
  world.writer.append("a reply");
  world.on_activity();
  CHECK(world.sink.take() == "a reply\n");
  CHECK(world.lane.state() == State::reading);
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
  CHECK(world.writer.capacity() < 100'000);  // it was never copied
}

TEST_CASE("lane: a new source and sink take over where the old ones were left") {
  World world;
  world.source.put("half a li");
  world.turn_all();
  Pipe source;
  Pipe sink;
  world.lane.connect_source(Stream::own(std::move(source.reader)));
  world.out.connect(Stream::own(std::move(sink.writer)));
  source.put("whole\n");
  world.reactor.turn();
  CHECK(world.lines == std::vector<std::string>{"whole"});
  CHECK(sink.take() == "whole\n");
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
  world.on_activity();
  CHECK(world.lines == std::vector<std::string>{"one", "tw"});
  CHECK(world.ends == 1);
}

}  // namespace
}  // namespace stdiogate
