// What the gate itself asks a server that is to take over.
#include <string>

#include "stdiogate/router.h"

#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/two_servers.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;
using World = TwoServers;

TEST_CASE("router: a new server is asked with the client's own discover, if it has sent one") {
  World world;
  const std::string params =
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})";
  world.server(result(pass(world, request("\"d\"", "server/discover", params))));
  (void)pass(world, request(2, "tools/call", R"({"_meta":{"x":1}})"));
  world.start_second(true);
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "server/discover", params));
  world.second(error(wire_id_in(lines[0])));
  CHECK(world.router.server_state(kSecond) == Router::ServerState::serving);
}

TEST_CASE("router: else with one made with the `_meta` of its last request") {
  World world;
  (void)pass(
      world,
      request(
          1, "tools/call",
          R"({"name":"t","_meta":{"progressToken":1, "io.modelcontextprotocol/protocolVersion": "2026-07-28" ,"a\"b":{"c":[1, 2]}}})"));
  world.start_second(true);
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(
      lines[0] ==
      request(
          wire_id_in(lines[0]), "server/discover",
          R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","a\"b":{"c":[1, 2]}}})"));
}

TEST_CASE("router: else with a ping") {
  World world;
  (void)pass(world, request(1, "tools/call", R"({"_meta":{"progressToken":1}})"));
  const std::string large =
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","x":")" +
      std::string(kMaxMeta, 'x') + "\"}}";
  (void)pass(world, request(2, "tools/call", large));  // too large to be kept
  world.start_second(true);
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "ping"));
}

TEST_CASE("router: a question of the gate's own that comes back is an echo, too") {
  const std::string version =
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})";
  for (const bool has_version : {true, false}) {
    World world;
    (void)pass(world, request(1, "tools/call", has_version ? version : "{}"));
    world.start_second(true);
    const Lines lines = world.at_second();
    REQUIRE(lines.size() == 1);
    world.second(lines[0]);
    CHECK(world.at_client().empty());
    CHECK(world.count(EventKind::echo) == 1);
    CHECK(world.router.server_state(kSecond) == Router::ServerState::opening);
  }
}

TEST_CASE("router: a question of the gate's own that is not answered is not cancelled") {
  RouterConfig config;
  config.start_timeout = 1s;
  World world(config);
  world.start_second(true);
  CHECK(world.at_second().size() == 1);
  world.advance(1s);
  CHECK(world.router.server_state(kSecond) == Router::ServerState::failed);
  CHECK(world.at_second().empty());
}

}  // namespace
}  // namespace stdiogate
