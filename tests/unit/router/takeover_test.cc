// A server takes over from another.
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

TEST_CASE("router: on a reload the first server finishes what it has, the second gets the rest") {
  World world;
  world.open_session();
  const auto slow = pass(world, request("\"slow\"", "tools/call"));
  world.server(request("0", "sampling/createMessage"));
  const auto asked = wire_id_in(world.at_client().at(0));
  world.start_second();
  const auto opening = wire_id_in(world.at_second().at(0));
  const auto meanwhile = pass(world, request(2));  // the first still serves
  world.second(result(opening, kTerms));
  CHECK(world.router.server_state(kFirst) == ServerState::retired);
  CHECK(world.at_client() == Lines{kToolsChanged});
  CHECK(world.at_second() == Lines{kInitialized});
  world.client(request(3));
  world.client(notification("n"));
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == notification("n"));
  CHECK(world.at_server().empty());
  CHECK(world.router.busy(kFirst) == 3);
  CHECK(world.router.busy(kSecond) == 1);

  world.server(result(slow, "1"));
  world.second(result(wire_id_in(lines[0]), "3"));
  CHECK(world.at_client() == Lines{result("\"slow\"", "1"), result(3, "3")});
  world.client(result(asked));
  CHECK(world.at_server() == Lines{result("0")});
  world.client(cancelled(2));
  CHECK(world.at_server() == Lines{cancelled(meanwhile)});
  CHECK(world.router.busy(kFirst) == 0);
  world.lose_first();
  CHECK(world.at_client().empty());
}

TEST_CASE("router: a listen does not keep a server that is replaced, and its client hears of it") {
  World world;
  (void)pass(world, request("\"l\"", "subscriptions/listen"));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0))));
  CHECK(world.router.busy(kFirst) == 0);
  world.lose_first();
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31003, "\"l\""));
  CHECK(world.router.awaited() == 0);
}

TEST_CASE("router: without a session a server that takes over must answer a ping, somehow") {
  RouterConfig config;
  config.observe_lines = true;
  World world(config);
  world.start_second(true);
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(world.count(EventKind::asked_by_gate) == 1);
  const auto wire_id = wire_id_in(lines[0]);
  CHECK(lines[0] == R"({"jsonrpc":"2.0","id":)" + std::to_string(wire_id) + R"(,"method":"ping"})");
  CHECK(world.router.server_state(kFirst) == ServerState::serving);
  SECTION("a result") {
    world.second(result(wire_id));
  }
  SECTION("an error") {
    world.second(error(wire_id, -32601));
  }
  CHECK(world.router.server_state(kSecond) == ServerState::serving);
  CHECK(world.at_client().empty());
}

TEST_CASE("router: a server that there is no slot to ask cannot take over") {
  RouterConfig config;
  config.max_in_flight = 1;
  World world(config);
  for (std::uint64_t i = 1; i <= Router::kReserve + 1; ++i)
    (void)pass(world, request(i, "ping"));
  world.start_second(true);
  CHECK(world.router.server_state(kSecond) == ServerState::failed);
  CHECK(world.router.why_failed(kSecond) == "no slot is free to open its session");
  CHECK(world.at_second().empty());
}

TEST_CASE("router: the client hears nothing of what the gate has asked itself") {
  World world;
  world.start_second(true);
  CHECK(world.count(EventKind::asked_by_gate) == 0);  // nobody wants to know
  const auto wire_id = wire_id_in(world.at_second().at(0));
  SECTION("a server cancels it") {
    world.second(cancelled(wire_id));
    CHECK(world.count(EventKind::cancel_dropped) == 1);
  }
  SECTION("a server takes it for a subscription") {
    world.second(notification(
        "notifications/message",
        R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + std::to_string(wire_id) + "}}"));
    CHECK(world.count(EventKind::notification_dropped) == 1);
  }
  CHECK(world.at_client().empty());
}

TEST_CASE("router: servers do not answer each other's requests, nor end each other's") {
  World world;
  const auto of_first = pass(world, request(1));
  world.server(request("0", "ping"));
  const auto asked_by_first = wire_id_in(world.at_client().at(0));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0))));
  world.second(request("0", "ping"));
  const auto asked_by_second = wire_id_in(world.at_client().at(0));
  CHECK(asked_by_first != asked_by_second);
  world.second(result(of_first));
  world.second(cancelled(of_first));
  CHECK(world.at_client().empty());
  world.server(cancelled("0"));
  CHECK(world.at_client() == Lines{cancelled(asked_by_first)});
  world.client(result(asked_by_second, "2"));
  CHECK(world.at_second() == Lines{result("0", "2")});
  CHECK(world.at_server().empty());
  world.server(result(of_first));
  CHECK(world.at_client() == Lines{result(1)});
}

TEST_CASE("router: a timeout is told to the server that has the request") {
  RouterConfig config;
  config.timeout = 5s;
  World world(config);
  const auto wire_id = pass(world, request(1));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0))));
  world.advance(5s);
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\"requestId\":" + std::to_string(wire_id) + ",") != std::string::npos);
  CHECK(world.at_second().empty());
}

TEST_CASE("router: while the client opens its session it is no time to change servers") {
  World world;
  CHECK_FALSE(world.router.is_opening_session());
  const auto wire_id = pass(world, request(1, "initialize"));
  CHECK(world.router.is_opening_session());
  world.server(result(wire_id, kTerms));
  CHECK_FALSE(world.router.is_opening_session());
}

TEST_CASE("router: at the end of all a server that was to take over is forgotten") {
  World world;
  world.start_second(true);
  world.router.end(shutting_down_error(true), shutting_down_error(false), world.now);
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("router: a session that is opened while a server is asked is opened with that one, too") {
  World world;
  const auto init = pass(world, request("\"init\"", "initialize", R"({"x":1})"));
  world.start_second(true);
  const auto ping = wire_id_in(world.at_second().at(0));
  SECTION("the first answers first") {
    world.server(result(init, kTerms));
    world.second(result(ping));
  }
  SECTION("the second is up first, and waits for the first") {
    world.second(result(ping));
    CHECK(world.router.server_state(kSecond) == ServerState::opening);
    world.server(result(init, kTerms));
  }
  CHECK(world.router.server_state(kSecond) == ServerState::opening);
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "initialize", R"({"x":1})"));
  world.client(kInitialized);
  CHECK(world.at_server() == Lines{kInitialized});
  world.second(result(wire_id_in(lines[0]), kTerms));
  CHECK(world.router.server_state(kSecond) == ServerState::serving);
  CHECK(world.at_second() == Lines{kInitialized});
}

TEST_CASE("router: a server that is up serves when the client's session could not be opened") {
  World world;
  const auto init = pass(world, request(1, "initialize"));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0))));
  world.server(error(init));
  CHECK(world.router.server_state(kSecond) == ServerState::serving);
}

TEST_CASE("router: answers to a retired server that does not read are bounded") {
  World world;
  for (int i = 0; i < 10; ++i)
    world.server(request(std::to_string(i), "sampling/createMessage"));
  const Lines asked = world.at_client();
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0))));
  const std::string large = '"' + std::string(400'000, 'x') + '"';
  for (const std::string& line : asked)
    world.client(result(wire_id_in(line), large));
  CHECK(world.at_server().size() == 3);
  CHECK(world.router.busy(kFirst) == 0);
}

TEST_CASE("router: when no server will come who waits is told, and what is in flight is awaited") {
  World world;
  const auto open = pass(world, request(1));
  world.router.retire(kFirst);
  world.client(request(2));
  CHECK(world.router.waiting() == 1);
  world.router.refuse(server_exited_error({.status = 3}, "", false), world.now);
  world.client(request(3));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 2);
  CHECK(is_gate_error(lines[0], -31003, "2"));
  CHECK(is_gate_error(lines[1], -31003, "3"));
  world.server(result(open));
  CHECK(world.at_client() == Lines{result(1)});
}

}  // namespace
}  // namespace stdiogate
