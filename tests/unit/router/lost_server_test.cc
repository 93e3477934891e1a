// A server is lost, and requests wait for the next.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/two_servers.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;
using ServerState = Router::ServerState;
using World = TwoServers;

TEST_CASE("router: what a lost server had open is answered at once, and never sent to another") {
  World world;
  (void)pass(world, request(1));
  world.server(request("0", "roots/list"));
  const auto asked = wire_id_in(world.at_client().at(0));
  world.lose_first();
  Lines lines = world.at_client();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == cancelled_by_end(asked));
  CHECK(is_gate_error(lines[0], -31003, "1"));
  CHECK(lines[0].find("\"retryable\":false") != std::string::npos);
  CHECK(world.router.server_state(kFirst) == ServerState::none);
  world.start_second();
  CHECK(world.router.server_state(kSecond) == ServerState::serving);
  CHECK(world.at_second().empty());
  world.client(result(asked));  // of a server that is not there any more
  CHECK(world.at_second().empty());
}

TEST_CASE("router: while no server serves requests and notifications wait, in their order") {
  World world;
  world.lose_first();
  world.client(request(1));
  world.client(notification("n"));
  world.client(request(2));
  world.client(request(3));
  world.client(cancelled(2));
  CHECK(world.at_client().empty());
  CHECK(world.router.waiting() == 2);
  world.start_second();
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == request(wire_id_in(lines[0])));
  CHECK(lines[1] == notification("n"));
  world.second(result(wire_id_in(lines[2]), "3"));
  CHECK(world.at_client() == Lines{result(3, "3")});
}

TEST_CASE("router: as many wait for a server as there are slots and places") {
  RouterConfig config;
  config.max_in_flight = 2;
  config.queue = 1;
  World world(config);
  world.lose_first();
  for (std::uint64_t i = 1; i <= 35; ++i)  // 2 slots, the reserve of 32, 1 place
    world.client(request(i));
  CHECK(world.at_client().empty());
  world.client(request(36));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31001, "36"));
  world.start_second();
  CHECK(world.at_second().size() == 2);
  CHECK(world.router.waiting() == 33);
}

TEST_CASE("router: the queue's timeout counts only while there is a server to have slots") {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = 1;
  config.queue_timeout = 3s;
  config.timeout = 0s;
  World world(config);
  world.lose_first();
  world.client(request(1));
  world.client(request(2));
  CHECK(world.router.next_deadline() == world.now + config.start_timeout + 3s);
  world.advance(60s);
  CHECK(world.at_client().empty());
  world.start_second();
  CHECK(world.at_second().size() == 1);
  CHECK(world.router.next_deadline() == world.now + 3s);
  world.advance(3s);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31006, "2"));
}

TEST_CASE("router: for a server that starts a request waits longer than the start may take") {
  World world;
  world.lose_first();
  world.client(request(1));
  CHECK(world.router.has_waiting());
  world.advance(15min + 29s);
  CHECK(world.at_client().empty());
  world.advance(1s);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31006, "1"));
  CHECK(lines[0].find("Waited 930s for the server to start") != std::string::npos);
}

TEST_CASE("router: a request waits for a server forever if one of the two timeouts is none") {
  RouterConfig config;
  SECTION("the start's") {
    config.start_timeout = 0s;
  }
  SECTION("the queue's") {
    config.queue_timeout = 0s;
  }
  World world(config);
  world.lose_first();
  world.client(request(1));
  CHECK_FALSE(world.router.next_deadline());
}

TEST_CASE("router: notifications that wait for a server are bounded") {
  RouterConfig config;
  config.queue_bytes = 100;
  World world(config);
  world.lose_first();
  world.client(notification("first"));
  world.client(notification(std::string(100, 'x')));
  CHECK(world.events.back().method == std::string(100, 'x'));
  world.client(notification("last"));
  world.start_second();
  CHECK(world.at_second() == Lines{notification("first"), notification("last")});
  CHECK(world.count(EventKind::notification_dropped) == 1);
}

TEST_CASE("router: a blank line waits for a server in its place, too") {
  World world;
  world.lose_first();
  CHECK_FALSE(world.router.has_waiting());
  world.client(" ");
  CHECK(world.router.has_waiting());
  world.client(request(1));
  world.client("");
  world.start_second();
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == " ");
  CHECK(lines[2].empty());
}

}  // namespace
}  // namespace stdiogate
