#include <optional>

#include "tests/support/catch.h"
#include "tests/support/reactor_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using World = ReactorWorld;
using Timer = Reactor::Timer;

TEST_CASE("reactor: a timer is called once, when its deadline has come") {
  World world;
  int calls = 0;
  Timer timer(world.reactor, [&] { ++calls; });
  CHECK_FALSE(timer.is_set());
  timer.set(world.clock.now() + 5s);
  CHECK(timer.is_set());
  world.turn_now();
  CHECK(calls == 0);
  world.clock.advance(5s);
  world.turn_now();
  CHECK(calls == 1);
  CHECK_FALSE(timer.is_set());
  world.clock.advance(5s);
  world.turn_now();
  CHECK(calls == 1);
}

TEST_CASE("reactor: a timer forgets a deadline that was cleared or replaced") {
  World world;
  int calls = 0;
  Timer timer(world.reactor, [&] { ++calls; });
  timer.set(world.clock.now() + 1s);
  timer.clear();
  world.clock.advance(2s);
  world.turn_now();
  timer.set(world.clock.now() + 1s);
  timer.set(world.clock.now() + 10s);
  world.clock.advance(2s);
  world.turn_now();
  CHECK(calls == 0);
}

TEST_CASE("reactor: a timer set to the past by its own handler waits for the next turn") {
  World world;
  int calls = 0;
  std::optional<Timer> timer;
  timer.emplace(world.reactor, [&] {
    ++calls;
    timer->set(world.clock.now() - 1s);
  });
  timer->set(world.clock.now());
  world.reactor.turn();
  CHECK(calls == 1);
  world.reactor.turn();
  CHECK(calls == 2);
}

TEST_CASE("reactor: a timer cleared by another timer of the same turn is not called") {
  World world;
  int calls = 0;
  std::unique_ptr<Timer> first;
  std::unique_ptr<Timer> second;
  first = std::make_unique<Timer>(world.reactor, [&] {
    ++calls;
    second.reset();
  });
  second = std::make_unique<Timer>(world.reactor, [&] {
    ++calls;
    first.reset();
  });
  first->set(world.clock.now());
  second->set(world.clock.now());
  world.reactor.turn();
  CHECK(calls == 1);
}

}  // namespace
}  // namespace stdiogate
