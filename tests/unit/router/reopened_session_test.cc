// The client's session is opened again with another server.
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

TEST_CASE("router: a session is opened again, and its answer is swallowed") {
  World world;
  world.open_session();
  world.lose_first();
  world.client(request(1, "tools/call"));
  world.start_second();
  CHECK(world.router.server_state(kSecond) == ServerState::opening);
  CHECK(world.router.in_flight() == 0);  // the client has none
  Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  const auto wire_id = wire_id_in(lines[0]);
  CHECK(lines[0] == request(wire_id, "initialize", R"({"x":1})"));
  world.second(notification("notifications/message"));  // passes meanwhile
  CHECK(world.at_client() == Lines{notification("notifications/message")});
  world.second(result(wire_id, kTerms));
  CHECK(world.router.server_state(kSecond) == ServerState::serving);
  CHECK(world.at_client() == Lines{kToolsChanged});
  lines = world.at_second();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == kInitialized);
  CHECK(lines[1] == request(wire_id_in(lines[1]), "tools/call"));
}

TEST_CASE("router: a session is set up while the client's own requests take all slots") {
  RouterConfig config;
  config.max_in_flight = 1;
  World world(config);
  world.open_session();
  world.server(result(pass(world, request(1, "logging/setLevel"))));
  (void)pass(world, request(2));
  world.start_second();
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == request(wire_id_in(lines[1]), "logging/setLevel"));
}

TEST_CASE("router: the client is told only of lists the first server announced to change") {
  World world;
  world.open_session(
      R"({"protocolVersion":"2025-11-25","capabilities":{"resources":{"listChanged":true},"prompts":{"listChanged":true}}})");
  world.lose_first();
  world.start_second();
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  CHECK(world.at_client() ==
        Lines{R"({"jsonrpc":"2.0","method":"notifications/prompts/list_changed"})",
              R"({"jsonrpc":"2.0","method":"notifications/resources/list_changed"})"});
}

TEST_CASE("router: initialized that has not come before the restart is not made up") {
  World world;
  const auto wire_id = pass(world, request("\"init\"", "initialize"));
  world.server(result(wire_id, kTerms));
  world.lose_first();
  world.start_second();
  (void)world.at_client();
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  CHECK(world.at_second().empty());
  world.client(kInitialized);
  CHECK(world.at_second() == Lines{kInitialized});
}

TEST_CASE("router: initialized that comes while no server serves is sent once") {
  World world;
  const auto wire_id = pass(world, request("\"init\"", "initialize"));
  world.server(result(wire_id, kTerms));
  world.lose_first();
  world.client(kInitialized);
  world.start_second();
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  CHECK(world.at_second() == Lines{kInitialized});
}

TEST_CASE("router: a session that was never agreed to is not opened again") {
  World world;
  const auto wire_id = pass(world, request(1, "initialize"));
  world.server(error(wire_id));
  world.lose_first();
  world.start_second();
  CHECK(world.at_second().empty());
  CHECK(world.router.server_state(kSecond) == ServerState::serving);
}

TEST_CASE("router: a client that opens a session of its own meanwhile is left to it") {
  World world;
  world.open_session();
  world.lose_first();
  world.client(request(7, "initialize", R"({"y":2})"));
  world.start_second();
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find(R"({"y":2})") != std::string::npos);
  world.second(result(wire_id_in(lines[0]), kTerms));
  CHECK(world.at_client() == Lines{result(7, kTerms)});
}

/// The session is being opened again with the second server, and the client sends an initialize of
/// its own. Returns the wire id of the gate's.
std::uint64_t initialized_meanwhile(World& world) {
  world.open_session();
  world.lose_first();
  world.start_second();
  const Lines replay = world.at_second();
  REQUIRE(replay.size() == 1);
  world.client(request(7, "initialize", R"({"y":2})"));
  return wire_id_in(replay[0]);
}

TEST_CASE("router: an initialize that comes while the session is opened again does not forget it") {
  World world;
  world.second(result(initialized_meanwhile(world), kTerms));
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == kInitialized);
  world.second(error(wire_id_in(lines[1])));  // it has one session
  (void)world.at_client();
  world.router.disconnect(kSecond, World::gone(), world.now);
  world.router.connect(kFirst, world.third, false, world.now);
  const Lines again = World::taken(world.third);
  REQUIRE(again.size() == 1);
  CHECK(again[0] == request(wire_id_in(again[0]), "initialize", R"({"x":1})"));
}

TEST_CASE("router: an initialize that came while a session could not be opened again opens one") {
  World world;
  const auto wire_id = initialized_meanwhile(world);
  world.client(kInitialized);
  SECTION("the server does not agree") {
    world.second(result(wire_id, R"({"protocolVersion":"2024-11-05"})"));
    CHECK(world.router.server_state(kSecond) == ServerState::failed);
  }
  SECTION("it has died") {}
  world.router.disconnect(kSecond, World::gone(), world.now);
  world.router.connect(kFirst, world.third, false, world.now);
  const Lines lines = World::taken(world.third);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "initialize", R"({"y":2})"));
  CHECK(lines[1] == kInitialized);
}

TEST_CASE("router: initialized behind an initialize that waits is sent behind it") {
  World world;
  const auto wire_id = initialized_meanwhile(world);
  world.client(kInitialized);
  world.second(result(wire_id, kTerms));
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == kInitialized);
  CHECK(lines[1] == request(wire_id_in(lines[1]), "initialize", R"({"y":2})"));
  CHECK(lines[2] == kInitialized);
}

TEST_CASE("router: a server that does not agree to the session cannot take over") {
  RouterConfig config;
  config.start_timeout = 5s;
  World world(config);
  world.open_session();
  world.lose_first();
  world.client(request(1));
  world.start_second();
  const auto wire_id = wire_id_in(world.at_second().at(0));
  std::string why;
  SECTION("another revision") {
    world.second(result(wire_id, R"({"protocolVersion":"2024-11-05"})"));
    why = "it speaks revision '2024-11-05', the session is of '2025-11-25'";
  }
  SECTION("an error") {
    world.second(error(wire_id));
    why = "it has refused the client's initialize";
  }
  SECTION("no answer in time") {
    world.advance(5s);
    why = "it has not answered the client's initialize in time";
  }
  CHECK(world.router.server_state(kSecond) == ServerState::failed);
  CHECK(world.router.why_failed(kSecond) == why);
  CHECK(world.at_second().empty());
  CHECK(world.at_client().empty());
  world.router.disconnect(kSecond, World::gone(), world.now);
  CHECK(world.at_client().empty());  // nobody had asked
  CHECK(world.router.waiting() == 1);
  CHECK(world.router.server_state(kSecond) == ServerState::none);
}

TEST_CASE("router: an initialize too long to be kept is not sent to another server") {
  World world;
  const auto wire_id =
      pass(world, request(1, "initialize", "[\"" + std::string(Router::kMaxKept, 'x') + "\"]"));
  world.server(result(wire_id, kTerms));
  CHECK_FALSE(world.router.is_idle());  // it must not be stopped, either
  world.lose_first();
  world.start_second();
  CHECK(world.router.server_state(kSecond) == ServerState::failed);
}

}  // namespace
}  // namespace stdiogate
