#include "src/io/sink.h"

#include <string>
#include <string_view>

#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/pipe.h"

namespace stdiogate {
namespace {

struct World : Sink::Owner {
  World() {
    reactor.on_turn_end([this] { sink.flush(); });
    sink.connect(Stream::own(std::move(pipe.writer)));
  }
  void on_sink_gone(int) override { unsent += "gone\n"; }
  void on_unsent(std::string_view lines) override { unsent += lines; }

  /// Later, as far as the reactor knows.
  void wait(Duration time) {
    clock.advance(time);
    Reactor::Timer now(reactor, [] {});
    now.set(reactor.now());
    reactor.turn();
  }

  FakeClock clock;
  Reactor reactor{clock};
  Pipe pipe;
  Sink sink{reactor, *this};
  std::string unsent;
};

TEST_CASE("sink: it knows since when its stream takes nothing, and how long it has stalled") {
  using std::chrono::seconds;
  World world;
  world.sink.writer().append("taken");
  world.wait(seconds(0));
  CHECK_FALSE(world.sink.full_since());
  world.sink.writer().append(std::string(10'000, 'x'));
  world.wait(seconds(0));
  const auto since = world.sink.full_since();
  REQUIRE(since);
  CHECK(*since == world.reactor.now());
  world.wait(kPause);
  CHECK_FALSE(world.sink.is_stalled());
  world.wait(seconds(5));
  CHECK(world.sink.is_stalled());
  CHECK(world.sink.stalled() == seconds(5));
  CHECK(world.sink.full_since() == since);
  (void)world.pipe.take();
  world.wait(seconds(1));  // it goes on in this turn, and is full again
  CHECK(world.sink.full_since() == world.reactor.now());
  CHECK_FALSE(world.sink.is_stalled());
  CHECK(world.sink.stalled() == seconds(6));
  world.wait(kPause + seconds(2));
  CHECK(world.sink.stalled() == seconds(8));
  world.sink.disconnect();
  CHECK_FALSE(world.sink.is_stalled());
  CHECK(world.sink.stalled() == seconds(8));
}

TEST_CASE("sink: its owner is told the lines that nobody will read") {
  using std::chrono::seconds;
  World world;
  const std::string begun = std::string(10'000, 'x') + "\n";
  world.sink.writer().append("sent");
  world.sink.writer().append(begun.substr(0, 10'000));
  world.wait(seconds(0));
  world.sink.writer().append("behind");
  SECTION("when its reader has closed") {
    world.pipe.reader.reset();
    world.wait(seconds(0));
    CHECK(world.unsent == "gone\n" + begun + "behind\n");
    world.sink.writer().append("later");
    world.wait(seconds(0));
    CHECK(world.unsent == "gone\n" + begun + "behind\nlater\n");
    world.wait(seconds(0));
    CHECK(world.unsent == "gone\n" + begun + "behind\nlater\n");
    CHECK(world.sink.writer().empty());
  }
  SECTION("but not when its owner throws them away") {
    world.sink.disconnect();
    world.wait(seconds(0));
    CHECK(world.unsent.empty());
  }
}

TEST_CASE("sink: what was written before its reader closed counts as sent") {
  World world;
  world.sink.writer().append("sent");
  world.wait({});
  world.pipe.reader.reset();
  world.wait({});
  CHECK(world.unsent == "gone\n");
}

}  // namespace
}  // namespace stdiogate
