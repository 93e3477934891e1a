// Requests that wait for a slot.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

RouterConfig queue_of(std::uint32_t places) {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = places;
  return config;
}

TEST_CASE("router: who finds no slot waits, and goes to the server first in, first out") {
  RouterWorld world(queue_of(3));
  auto open = pass(world, request(0));
  for (int i = 1; i <= 3; ++i)
    world.client(request(static_cast<std::uint64_t>(i), "m", "[\"\xc3\xa9\", 1e400 ]"));
  CHECK(world.at_server().empty());
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == 1);
  CHECK(world.router.awaited() == 4);
  CHECK(world.count(EventKind::request_queued) == 3);
  CHECK(world.events.back().event.waiting == 3);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    world.server(result(open));
    CHECK(world.at_client() == Lines{result(i - 1)});
    const Lines lines = world.at_server();
    REQUIRE(lines.size() == 1);
    open = wire_id_in(lines[0]);
    CHECK(lines[0] == request(open, "m", "[\"\xc3\xa9\", 1e400 ]"));
  }
  world.server(result(open));
  CHECK(world.at_client() == Lines{result(3)});
  CHECK(world.router.awaited() == 0);
}

TEST_CASE("router: when the queue is full, too, a request is refused") {
  RouterWorld world(queue_of(1));
  (void)pass(world, request(1));
  world.client(request(2));
  CHECK(world.at_client().empty());
  world.client(request(3));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31001, "3"));
}

TEST_CASE("router: the bytes that wait are bounded, and given back") {
  RouterConfig config = queue_of(10);
  const std::string line = request(2, "m", "[\"" + std::string(100, 'x') + "\"]");
  config.queue_bytes = 2 * line.size();
  RouterWorld world(config);
  (void)pass(world, request(1));
  world.client(line);
  world.client(line);
  world.client(request(3));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31001, "3"));
  world.client(cancelled(2));
  world.client(line);
  CHECK(world.at_client().empty());
  CHECK(world.router.awaited() == 3);
}

TEST_CASE("router: who has waited too long is told so, and may try again") {
  RouterConfig config = queue_of(2);
  config.queue_timeout = 3s;
  config.timeout = 0s;
  RouterWorld world(config);
  (void)pass(world, request(1));
  world.client(request("\"w\""));
  CHECK(world.router.next_deadline() == world.now + 3s);
  world.advance(2999ms);
  CHECK(world.at_client().empty());
  world.advance(1ms);
  const Lines lines = world.at_client();
  CHECK(
      lines ==
      Lines{
          R"({"jsonrpc":"2.0","id":"w","error":{"code":-31006,"message":"Waited 3s for a slot","data":{"from":"stdiogate","reason":"queue-timeout","retryable":true,"limit":1}}})"});
  CHECK(world.at_server().empty());
  CHECK(world.events.back().event.ending == Ending::refused);
  CHECK_FALSE(world.router.next_deadline());
}

TEST_CASE("router: a queue timeout of zero is none") {
  RouterConfig config = queue_of(2);
  config.queue_timeout = 0s;
  config.timeout = 0s;
  RouterWorld world(config);
  const auto open = pass(world, request(1));
  world.client(request(2));
  world.advance(24h * 365);
  CHECK(world.at_client().empty());
  world.server(result(open));
  CHECK(world.at_server().size() == 1);
}

TEST_CASE("router: the timeout of a request that waits begins when it is sent") {
  RouterConfig config = queue_of(2);
  config.timeout = 10s;
  RouterWorld world(config);
  const auto open = pass(world, request(1));
  world.client(request(2));
  world.advance(9s);
  world.server(result(open));
  (void)world.at_client();
  CHECK(world.at_server().size() == 1);
  world.advance(9999ms);
  CHECK(world.at_client().empty());
  world.advance(1ms);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31002, "2"));
}

TEST_CASE("router: a tool's own timeout is kept while its call waits") {
  RouterConfig config = queue_of(1);
  config.timeout_rules = {{"tools/call:slow", 99s}};
  RouterWorld world(config);
  const auto open = pass(world, request(1));
  world.client(request(2, "tools/call", R"({"name":"slow"})"));
  world.server(result(open));
  CHECK(world.router.next_deadline() == world.now + 99s);
}

TEST_CASE("router: progress moves the deadline of a request that has waited") {
  RouterConfig config = queue_of(1);
  config.timeout = 10s;
  RouterWorld world(config);
  const auto open = pass(world, request(1));
  world.client(request(2, "m", R"({"_meta":{"progressToken":"t"}})"));
  world.server(result(open));
  world.advance(5s);
  world.server(notification("notifications/progress", R"({"progressToken":"t","progress":1})"));
  (void)world.at_client();
  world.advance(9s);
  CHECK(world.at_client().empty());
  CHECK(world.router.next_deadline() == world.now + 1s);
}

TEST_CASE("router: who waits can be cancelled, and the server never hears of it") {
  RouterWorld world(queue_of(3));
  const auto open = pass(world, request(1));
  world.client(request("\"a\""));
  world.client(request(3));
  world.client(cancelled("\"\\u0061\""));
  CHECK(world.at_server().empty());
  CHECK(world.router.awaited() == 2);
  world.server(result(open));
  CHECK(world.at_client() == Lines{result(1)});
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == request(wire_id_in(lines[0])));
  world.server(result(wire_id_in(lines[0])));
  CHECK(world.at_client() == Lines{result(3)});
}

TEST_CASE("router: a cancel of an id that waits and is open ends the one that came last") {
  RouterWorld world(queue_of(3));
  const auto open = pass(world, request(1));
  world.client(request(1, "second"));
  world.client(request(1, "third"));
  world.client(cancelled(1));
  world.client(cancelled(1));
  CHECK(world.at_server().empty());
  world.client(cancelled(1));
  CHECK(world.at_server() == Lines{cancelled(open)});
}

TEST_CASE("router: a slot freed by a cancel or a timeout is the next one's") {
  RouterConfig config = queue_of(2);
  config.timeout = 5s;
  RouterWorld world(config);
  const auto open = pass(world, request(1));
  world.client(request(2));
  world.client(request(3));
  world.client(cancelled(1));
  Lines lines = world.at_server();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == cancelled(open));
  CHECK(lines[1] == request(wire_id_in(lines[1])));
  world.advance(5s);
  lines = world.at_server();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("notifications/cancelled") != std::string::npos);
  CHECK(lines[1] == request(wire_id_in(lines[1])));
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("router: what may use the reserve does not wait behind slow work") {
  RouterWorld world(queue_of(3));
  (void)pass(world, request(1));
  world.client(request(2));
  (void)pass(world, request(3, "ping"));
  world.client(notification("n"));  // nor does a notification
  CHECK(world.at_server() == Lines{notification("n")});
}

TEST_CASE("router: a batch refused or waiting does not overtake what waited before it") {
  RouterWorld world(queue_of(4));
  const auto open = pass(world, request(1));
  world.client(request(2, "first"));
  world.client("[" + cancelled(1) + "," + request(3, "second") + "]");
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == cancelled(open));
  CHECK(lines[1].find("\"first\"") != std::string::npos);
}

TEST_CASE("router: at the end who waits is told that the server has never seen it") {
  RouterWorld world(queue_of(3));
  (void)pass(world, request(1));
  world.client(request(2));
  world.client("[" + request(3) + "]");
  world.router.end(shutting_down_error(true), shutting_down_error(false), world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].find("\"retryable\":false") != std::string::npos);
  CHECK(is_gate_error(lines[1], -31004, "2"));
  CHECK(lines[1].find("\"retryable\":true") != std::string::npos);
  CHECK(lines[2].front() == '[');
  CHECK(world.at_server().empty());
  CHECK(world.router.awaited() == 0);
}

TEST_CASE("router: the newest with an id is cancelled, whether it waits or is open") {
  RouterWorld world(queue_of(3));
  (void)pass(world, request(1));
  world.client(request(5, "tools/call"));             // waits
  const auto ping = pass(world, request(5, "ping"));  // open, and newer
  world.client(cancelled(5));
  CHECK(world.at_server() == Lines{cancelled(ping)});
  world.client(cancelled(5));
  CHECK(world.at_server().empty());
  CHECK(world.router.waiting() == 0);
}

TEST_CASE("router: who waits for a slot of the reserve is not behind slow work") {
  RouterWorld world(queue_of(5));
  std::uint64_t listen = 0;
  for (int i = 0; i < 32; ++i)
    listen = pass(world, request("\"l\"", "subscriptions/listen"));
  (void)pass(world, request(1));
  world.client(request(2));
  world.client(request(3, "ping"));
  CHECK(world.router.waiting() == 2);
  world.server(result(listen));
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "ping"));
}

TEST_CASE("router: $/cancelRequest of a request that waits answers it at once") {
  RouterWorld world(queue_of(3));
  const auto open = pass(world, request(5, "older"));
  world.client(request(5, "newer"));
  world.client(notification("$/cancelRequest", R"({"id":5})"));
  const Lines lines = world.at_client();
  CHECK(
      lines ==
      Lines{
          R"({"jsonrpc":"2.0","id":5,"error":{"code":-32800,"message":"Request cancelled","data":{"from":"stdiogate","reason":"cancelled","retryable":true}}})"});
  CHECK(world.at_server().empty());
  CHECK(world.router.waiting() == 0);
  world.server(result(open));
  CHECK(world.at_client() == Lines{result(5)});
}

TEST_CASE("router: a listen that was refused or waits is not open") {
  RouterConfig config = queue_of(1);
  RouterWorld world(config);
  for (int i = 0; i < 33; ++i)
    (void)pass(world, request(1, "ping"));
  world.client(request(2, "subscriptions/listen"));  // waits
  world.client(request(3, "subscriptions/listen"));  // is refused
  CHECK(world.router.awaited() == 34);
  world.client(cancelled(2));
  CHECK(world.router.awaited() == 33);
}

}  // namespace
}  // namespace stdiogate
