// Servers that come and go.
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
  World world;
  world.start_second(true);
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
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

TEST_CASE("router: the client hears nothing of what the gate has asked itself") {
  World world;
  world.start_second(true);
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
  world.router.end(Ending::shutting_down, shutting_down_error(true), shutting_down_error(false),
                   world.now);
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
