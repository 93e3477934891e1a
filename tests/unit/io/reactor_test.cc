#include "stdiogate/reactor.h"

#include <memory>
#include <optional>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/pipe.h"
#include "tests/support/reactor_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Watch = Reactor::Watch;
using World = ReactorWorld;
using Timer = Reactor::Timer;

TEST_CASE("reactor: a watch hears of bytes to read, again until they are read") {
  World world;
  Pipe pipe;
  int calls = 0;
  Watch watch(world.reactor, pipe.reader.get(), [&](Ready ready) {
    CHECK(ready.readable);
    CHECK_FALSE(ready.hangup);
    ++calls;
  });
  watch.want(Interest::read);
  pipe.put("x");
  world.reactor.turn();
  world.reactor.turn();
  CHECK(calls == 2);
  (void)pipe.take();
  world.turn_now();
  CHECK(calls == 2);
}

TEST_CASE("reactor: a watch hears of room to write") {
  World world;
  Pipe pipe;
  int calls = 0;
  Watch watch(world.reactor, pipe.writer.get(), [&](Ready ready) {
    CHECK(ready.writable);
    ++calls;
  });
  const std::size_t filled = pipe.fill();
  watch.want(Interest::write);
  world.turn_now();
  CHECK(calls == 0);
  CHECK(pipe.take(filled).size() == filled);
  world.reactor.turn();
  CHECK(calls == 1);
}

TEST_CASE("reactor: a watch that wants nothing hears nothing, not even a hangup") {
  World world;
  Pipe pipe;
  int calls = 0;
  Watch watch(world.reactor, pipe.reader.get(), [&](Ready) { ++calls; });
  pipe.put("x");
  world.turn_now();
  watch.want(Interest::read);
  watch.want(Interest::nothing);
  pipe.writer.reset();
  world.turn_now();
  CHECK(calls == 0);
}

TEST_CASE("reactor: the death of a pipe's reader is heard without writing") {
  World world;
  Pipe pipe;
  int hangups = 0;
  Watch watch(world.reactor, pipe.writer.get(), [&](Ready ready) {
    CHECK_FALSE(ready.writable);  // not asked for
    hangups += ready.hangup;
  });
  watch.want(Interest::hangup);
  world.turn_now();
  CHECK(hangups == 0);
  pipe.reader.reset();
  world.reactor.turn();
  CHECK(hangups == 1);
}

TEST_CASE("reactor: the bytes left by a writer that is gone come with the hangup") {
  World world;
  Pipe pipe;
  std::optional<Ready> heard;
  Watch watch(world.reactor, pipe.reader.get(), [&](Ready ready) { heard = ready; });
  watch.want(Interest::read);
  pipe.put("last words");
  pipe.writer.reset();
  world.reactor.turn();
  REQUIRE(heard);
  CHECK(heard->readable);
  CHECK(heard->hangup);
}

TEST_CASE("reactor: a file, which the kernel cannot poll, is ready in every turn it is wanted") {
  World world;
  Fd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  int calls = 0;
  Watch watch(world.reactor, file.get(), [&](Ready ready) {
    CHECK(ready.readable);
    CHECK_FALSE(ready.writable);
    ++calls;
  });
  watch.want(Interest::read);
  world.reactor.turn();
  world.reactor.turn();
  CHECK(calls == 2);
  watch.want(Interest::hangup);
  world.turn_now();
  watch.want(Interest::nothing);
  world.turn_now();
  CHECK(calls == 2);
  watch.want(Interest::read);
  world.reactor.turn();
  CHECK(calls == 3);
}

TEST_CASE("reactor: a watch destroyed by another handler of the same turn hears nothing more") {
  World world;
  Pipe a;
  Pipe b;
  std::unique_ptr<Watch> first;
  std::unique_ptr<Watch> second;
  int calls = 0;
  first = std::make_unique<Watch>(world.reactor, a.reader.get(), [&](Ready) {
    ++calls;
    second.reset();
  });
  second = std::make_unique<Watch>(world.reactor, b.reader.get(), [&](Ready) {
    ++calls;
    first.reset();
  });
  first->want(Interest::read);
  second->want(Interest::read);
  a.put("x");
  b.put("x");
  world.reactor.turn();
  CHECK(calls == 1);
}

TEST_CASE(
    "reactor: an event for a watch does not reach the one that took its descriptor's number") {
  World world;
  Pipe a;
  auto b = std::make_unique<Pipe>();
  const int number = b->reader.get();
  std::unique_ptr<Watch> reused;
  std::unique_ptr<Watch> second;
  std::unique_ptr<Pipe> c;
  int old_calls = 0;
  int new_calls = 0;
  Watch first(world.reactor, a.reader.get(), [&](Ready) {
    if (c) return;
    // Both were ready; before the second's turn comes its number belongs to another pipe.
    second.reset();
    b.reset();
    c = std::make_unique<Pipe>();
    REQUIRE(c->reader.get() == number);
    reused = std::make_unique<Watch>(world.reactor, number, [&](Ready) { ++new_calls; });
    reused->want(Interest::read);
  });
  second = std::make_unique<Watch>(world.reactor, number, [&](Ready) { ++old_calls; });
  first.want(Interest::read);
  second->want(Interest::read);
  a.put("x");
  b->put("x");
  world.reactor.turn();
  CHECK(old_calls == 0);
  CHECK(new_calls == 0);
}

TEST_CASE("reactor: a handler may destroy its own watch and make another") {
  World world;
  Pipe pipe;
  std::unique_ptr<Watch> watch;
  int later = 0;
  auto replace = [&](Ready) {
    watch = std::make_unique<Watch>(world.reactor, pipe.reader.get(), [&](Ready) { ++later; });
    watch->want(Interest::read);
  };
  watch = std::make_unique<Watch>(world.reactor, pipe.reader.get(), replace);
  watch->want(Interest::read);
  pipe.put("x");
  world.reactor.turn();
  CHECK(later == 0);
  world.reactor.turn();
  CHECK(later == 1);
}

TEST_CASE("reactor: interest taken back by another handler of the same turn counts") {
  World world;
  Pipe a;
  Pipe b;
  int calls = 0;
  std::unique_ptr<Watch> first;
  std::unique_ptr<Watch> second;
  first = std::make_unique<Watch>(world.reactor, a.reader.get(), [&](Ready) {
    ++calls;
    second->want(Interest::hangup);
  });
  second = std::make_unique<Watch>(world.reactor, b.reader.get(), [&](Ready) {
    ++calls;
    first->want(Interest::hangup);
  });
  first->want(Interest::read);
  second->want(Interest::read);
  a.put("x");
  b.put("x");
  world.reactor.turn();
  CHECK(calls == 1);
}

TEST_CASE("reactor: now is the time after the wait, the same for a whole turn") {
  World world;
  const Time before = world.reactor.now();
  std::vector<Time> seen;
  Timer first(world.reactor, [&] {
    seen.push_back(world.reactor.now());
    world.clock.advance(1s);
  });
  Timer second(world.reactor, [&] { seen.push_back(world.reactor.now()); });
  first.set(before);
  second.set(before);
  world.clock.advance(3s);
  world.turn_now();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == before + 3s);
  CHECK(seen[1] == before + 3s);
}

TEST_CASE("reactor: run goes on until it is stopped") {
  World world;
  int calls = 0;
  std::optional<Timer> timer;
  timer.emplace(world.reactor, [&] {
    if (++calls == 3) return world.reactor.stop();
    timer->set(world.clock.now());
  });
  timer->set(world.clock.now());
  world.reactor.run();
  CHECK(calls == 3);
}

TEST_CASE("reactor: two in one process do not know of each other") {
  World one;
  World two;
  Pipe pipe;
  int calls = 0;
  Watch watch(one.reactor, pipe.reader.get(), [&](Ready) { ++calls; });
  watch.want(Interest::read);
  pipe.put("x");
  two.turn_now();
  CHECK(calls == 0);
  one.reactor.turn();
  CHECK(calls == 1);
}

TEST_CASE("reactor: more watches than there may be is an error, and does no harm") {
  World world;
  Pipe pipe;
  std::vector<std::unique_ptr<Watch>> watches;
  for (std::uint32_t i = 0; i < Reactor::kMaxWatches; ++i)
    watches.push_back(std::make_unique<Watch>(world.reactor, pipe.reader.get(), [](Ready) {}));
  CHECK_THROWS_AS(Watch(world.reactor, pipe.reader.get(), [](Ready) {}), std::length_error);
  watches.pop_back();
  CHECK_NOTHROW(Watch(world.reactor, pipe.reader.get(), [](Ready) {}));
}

TEST_CASE("reactor: watching a descriptor that is not open is an error that names the call") {
  World world;
  Watch watch(world.reactor, 987, [](Ready) {});
  CHECK_THROWS_AS(watch.want(Interest::read), std::system_error);
}

}  // namespace
}  // namespace stdiogate
