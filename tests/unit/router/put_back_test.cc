// Requests that a lost server had, and that the next one gets.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/two_servers.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;
using World = TwoServers;

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

TEST_CASE("router: what was put back and not sent again took all the time since it came") {
  World world;
  (void)pass(world, request(1, "ping"));
  world.advance(300ms);
  world.lose_first();
  world.router.end(World::gone(), World::gone(), world.now + 1ms);
  CHECK(world.events.back().event.kind == EventKind::request_ended);
  CHECK(world.events.back().event.latency == 301ms);
}

TEST_CASE("router: initialize and ping that a lost server had not answered go to the next") {
  World world;
  (void)pass(world, request(1, "initialize"));
  world.client(kInitialized);
  CHECK(world.at_server() == Lines{kInitialized});
  (void)pass(world, request("\"p\"", "ping"));
  (void)pass(world, request(3, "tools/call"));
  (void)pass(world, request(4, "server/discover"));
  world.lose_first();
  const Lines lost = world.at_client();
  REQUIRE(lost.size() == 2);
  CHECK(is_gate_error(lost[0], -31003, "3"));
  CHECK(is_gate_error(lost[1], -31003, "4"));
  CHECK(world.router.waiting() == 2);
  world.client(request(5));
  world.start_second();
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "initialize"));
  CHECK(lines[1] == kInitialized);
  CHECK(lines[2] == request(wire_id_in(lines[2]), "ping"));
  CHECK(lines[3] == request(wire_id_in(lines[3])));
  world.second(result(wire_id_in(lines[2])));
  world.second(result(wire_id_in(lines[0]), kTerms));
  CHECK(world.at_client() == Lines{result("\"p\""), result(1, kTerms)});
  CHECK(world.router.in_flight() == 1);
}

TEST_CASE("router: initialize and ping end with a server that has no next") {
  World world;
  (void)pass(world, request(1, "ping"));
  GateError error = World::gone();
  SECTION("all is refused") {
    world.router.refuse(error, world.now);
  }
  SECTION("no command could be run") {
    error.retryable = true;
  }
  world.router.disconnect(kFirst, error, world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31003, "1"));
  CHECK(world.router.waiting() == 0);
}

TEST_CASE("router: and to the one after that") {
  World world;
  (void)pass(world, request(1, "initialize"));
  world.client(kInitialized);
  (void)world.at_server();
  world.lose_first();
  world.start_second();
  CHECK(world.at_second().size() == 2);
  world.router.disconnect(kSecond, World::gone(), world.now);
  CHECK(world.at_client().empty());
  world.start_second();
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == kInitialized);
  world.second(result(wire_id_in(lines[0]), kTerms));
  // The session is open, with the notification.
  world.router.disconnect(kSecond, World::gone(), world.now);
  world.start_second();
  const Lines again = world.at_second();
  REQUIRE(again.size() == 1);
  world.second(result(wire_id_in(again[0]), kTerms));
  CHECK(world.at_second() == Lines{kInitialized});
}

TEST_CASE("router: one that came while no server ran is sent once, whatever was lost before") {
  World world;
  (void)pass(world, request(1, "initialize"));
  world.router.retire(kFirst);
  world.client(kInitialized);
  world.lose_first();
  world.start_second();
  CHECK(world.at_second().size() == 2);
}

TEST_CASE("router: what waits for the next server and was sent once is not retryable") {
  World world;
  (void)pass(world, request(1, "ping"));
  world.lose_first();
  world.client(request(2, "ping"));
  world.router.refuse(World::gone(), world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("\"retryable\":false") != std::string::npos);
}

TEST_CASE("router: a queued ping that no server was sent is retryable") {
  World world;
  world.client(request(1, "ping"));
  world.router.retire(kFirst);
  world.router.take_back(joined(world.at_server()), server_reads_no_more_error(""), world.now);
  CHECK(world.router.waiting() == 1);
  world.router.refuse(server_reads_no_more_error(""), world.now);
  CHECK(world.at_client().at(0).find("\"retryable\":true") != std::string::npos);
}

TEST_CASE("router: a ping that a lost server may have read is not retryable, whatever follows") {
  for (const bool waits : {true, false}) {
    World world;
    (void)pass(world, request(1, "ping"));
    world.lose_first();
    world.start_second();
    const std::string unsent = joined(world.at_second());
    const GateError error = server_reads_no_more_error("");
    waits ? world.router.retire(kSecond) : world.router.refuse(error, world.now);
    world.router.take_back(unsent, error, world.now);
    if (waits) world.router.refuse(error, world.now);
    CHECK(world.at_client().at(0).find("\"retryable\":false") != std::string::npos);
  }
}

TEST_CASE("router: a request that waits or comes when all is over ends as those that were open") {
  for (const bool waits : {false, true}) {
    const auto ending = [waits](const GateError& error) {
      RouterWorld world;
      world.router.retire(0);
      if (waits) world.client(request(1));
      world.router.refuse(error, world.now);
      if (!waits) world.client(request(1));
      return world.events.back().event.ending;
    };
    CHECK(ending(World::gone()) == Ending::server_gone);
    CHECK(ending(server_not_started_error("x", 2, "")) == Ending::server_gone);
    CHECK(ending(shutting_down_error(false)) == Ending::shutting_down);
  }
}

TEST_CASE("router: lines that are taken back end their requests, and nothing else") {
  RouterWorld world;
  const auto open = pass(world, request(1));
  world.client(request(2));
  world.client("[" + request(3) + "," + request("\"four\"", "ping") + "]");
  world.client(request(5));
  world.client(cancelled(5));
  world.client(notification("n"));
  world.router.take_back(joined(world.at_server()), shutting_down_error(false), world.now);
  const Lines told = world.at_client();
  REQUIRE(told.size() == 2);
  CHECK(is_gate_error(told[0], -31004, "2"));
  CHECK(told[0].find("\"retryable\":true") != std::string::npos);
  CHECK(told[1].find(R"("id":3,"error":{"code":-31004)") != std::string::npos);
  CHECK(told[1].find(R"("id":"four","error":{"code":-31004)") != std::string::npos);
  CHECK(world.events.back().event.ending == Ending::shutting_down);
  CHECK(world.router.in_flight() == 1);
  world.server(result(open));
  CHECK(world.at_client() == Lines{result(1)});
}

TEST_CASE("router: unsent requests are retryable, and initialize and ping go to the next server") {
  World world;
  const auto sent = pass(world, request(1));
  world.client(request(2, "initialize"));
  world.client(kInitialized);
  world.client(request("\"p\"", "ping"));
  world.client(request(3));
  world.router.retire(kFirst);
  world.router.take_back(joined(world.at_server()), server_reads_no_more_error(""), world.now);
  const Lines told = world.at_client();
  REQUIRE(told.size() == 1);
  CHECK(is_gate_error(told[0], -31003, "3"));
  CHECK(told[0].find("\"retryable\":true") != std::string::npos);
  CHECK(world.count(EventKind::notification_dropped) == 0);
  CHECK(world.events.back().event.ending == Ending::server_gone);
  CHECK(world.router.waiting() == 2);
  CHECK(world.router.awaited(kFirst) == 1);
  CHECK_FALSE(world.router.is_opening_session());
  world.start_second();
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "initialize"));
  CHECK(lines[1] == kInitialized);
  CHECK(lines[2] == request(wire_id_in(lines[2]), "ping"));
  world.server(result(sent));
  world.second(result(wire_id_in(lines[2])));
  CHECK(world.at_client() == Lines{result(1), result("\"p\"")});
}

TEST_CASE("router: a ping that is taken back goes to the server that serves, and frees its slot") {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = 1;
  World world(config);
  world.client(request(1));
  world.client(request(2, "ping"));
  const std::string unsent = joined(world.at_server());
  world.start_second();
  world.client(request(3));
  CHECK(world.router.waiting() == 1);
  world.router.take_back(unsent, server_reads_no_more_error(""), world.now);
  const Lines told = world.at_client();
  REQUIRE(told.size() == 1);
  CHECK(is_gate_error(told[0], -31003, "1"));
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "ping"));
  CHECK(lines[1] == request(wire_id_in(lines[1])));
}

TEST_CASE("router: requests that are taken back end at once when no server will come") {
  World world;
  world.client(request(1, "ping"));
  world.client(request(2, "initialize"));
  const std::string unsent = joined(world.at_server());
  SECTION("since all is refused") {
    world.router.refuse(World::gone(), world.now);
    world.router.take_back(unsent, server_reads_no_more_error(""), world.now);
  }
  SECTION("since the gate ends") {
    world.router.take_back(unsent, shutting_down_error(false), world.now);
  }
  CHECK(world.at_client().size() == 2);
  CHECK(world.router.waiting() == 0);
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("router: a notification that was not sent is dropped") {
  World world;
  world.client(notification("poke"));
  world.router.retire(kFirst);
  world.router.take_back(joined(world.at_server()), server_reads_no_more_error(""), world.now);
  REQUIRE(world.count(EventKind::notification_dropped) == 1);
  CHECK(world.events.back().method == "poke");
  world.start_second();
  CHECK(world.at_second().empty());
}

TEST_CASE("router: once no server will come, no notification waits for one") {
  RouterWorld world;
  world.router.disconnect(0, World::gone(), world.now);
  world.client(R"({"jsonrpc":"2.0","method":"notifications/poke"})");
  CHECK(world.router.has_waiting());
  world.router.refuse(World::gone(), world.now);
  CHECK_FALSE(world.router.has_waiting());
  world.client(R"({"jsonrpc":"2.0","method":"notifications/poke"})");
  CHECK_FALSE(world.router.has_waiting());
}

TEST_CASE("router: a request that is sent again counts once") {
  World world;
  (void)pass(world, request(1, "ping"));
  world.lose_first();
  world.start_second();
  world.second(result(wire_id_in(world.at_second().at(0))));
  int opened = 0;
  for (const RouterWorld::Seen& seen : world.events)
    opened += seen.event.kind == EventKind::request_opened && !seen.event.was_opened;
  CHECK(opened == 1);
  CHECK(world.count(EventKind::request_ended) == 1);
}

TEST_CASE("router: one that waits again can be cancelled") {
  World world;
  (void)pass(world, request(1, "ping"));
  world.lose_first();
  world.client(cancelled(1));
  world.start_second();
  CHECK(world.at_second().empty());
  CHECK(world.at_client().empty());
}

}  // namespace
}  // namespace stdiogate
