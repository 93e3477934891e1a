// What a lane has still to read.
#include <string>

#include "tests/support/catch.h"
#include "tests/support/lane_world.h"

namespace stdiogate {
namespace {

using World = LaneWorld;

TEST_CASE("lane: it knows when what was there has been read, and when it will not be") {
  World world;
  world.lane.mark_unread();
  CHECK_FALSE(world.lane.has_unread(true));
  world.source.put("one\n");
  world.lane.mark_unread();
  CHECK(world.lane.has_unread(false));
  world.full = true;
  world.lane.end_of_turn();
  CHECK_FALSE(world.lane.has_unread(false));
  CHECK(world.lane.has_unread(true));
  world.full = false;
  world.lane.end_of_turn();
  world.reactor.turn();
  world.source.put("two\n");  // later
  CHECK_FALSE(world.lane.has_unread(true));
}

TEST_CASE("lane: what its source holds when it is connected is unread") {
  World world(1 << 20, "one\n");
  CHECK(world.lane.has_unread(false));
  world.turn_all();
  CHECK_FALSE(world.lane.has_unread(false));
}

TEST_CASE("lane: a line that had begun is waited for, but not the next one") {
  World world;
  world.source.put("on");
  world.lane.mark_unread();
  world.reactor.turn();
  CHECK(world.lane.has_unread(true));
  world.source.put("e\ntw");  // a flood is never between lines
  world.reactor.turn();
  CHECK_FALSE(world.lane.has_unread(true));
}

TEST_CASE("lane: lines that were read, and found no room, are waited for; later ones are not") {
  World world;
  world.source.put("one\ntwo\n");
  world.full_after = 1;
  world.turn_all();
  world.lane.mark_unread();
  world.source.put("three\n");
  CHECK(world.lane.has_unread(true));
  world.full = false;
  world.full_after = 2;
  world.turn_all();
  CHECK(world.lines.size() == 2);
  CHECK_FALSE(world.lane.has_unread(true));
}

TEST_CASE("lane: a line is waited for while it grows, but not for dots") {
  for (const bool is_growing : {true, false}) {
    World world;
    world.source.put("x");
    world.lane.mark_unread();
    for (int i = 0; i < 3; ++i) {
      world.turn_all();
      CHECK(world.lane.has_unread(false));
      world.clock.advance(kNoReader * 2 / 5);
      world.source.put(std::string(is_growing ? kGrowth / 2 : 1, 'x'));
    }
    world.turn_all();
    CHECK(world.lane.has_unread(false) == is_growing);
  }
}

}  // namespace
}  // namespace stdiogate
