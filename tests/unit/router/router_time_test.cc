// Limits and time.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

TEST_CASE("router: a request beyond the limit is refused at once and may be sent again") {
  RouterConfig config;
  config.max_in_flight = 2;
  RouterWorld world(config);
  const auto first = pass(world, request(1));
  (void)pass(world, request(2));
  world.client(request("\"c\""));
  CHECK(world.at_server().empty());
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31001, "\"c\""));
  CHECK(lines[0].find("Maximum concurrent requests (2) exceeded") != std::string::npos);
  CHECK(lines[0].find("\"retryable\":true") != std::string::npos);
  CHECK(world.events.back().event.ending == Ending::refused);
  world.server(result(first));
  (void)pass(world, request("\"c\""));
}

TEST_CASE("router: what must not be starved has a reserve of 32 slots") {
  RouterConfig config;
  config.max_in_flight = 1;
  RouterWorld world(config);
  (void)pass(world, request(0));
  const char* methods[] = {"initialize", "ping",         "server/discover", "subscriptions/listen",
                           "tasks/get",  "tasks/cancel", "tasks/update"};
  for (const char* method : methods)
    (void)pass(world, request(1, method));
  for (int i = 7; i < 32; ++i)
    (void)pass(world, request(1, "ping"));
  world.client(request(2, "ping"));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31001, "2"));
}

TEST_CASE("router: the reserve does not use up what slow work may have") {
  RouterConfig config;
  config.max_in_flight = 1;
  RouterWorld world(config);
  for (int i = 0; i < 32; ++i)
    (void)pass(world, request(1, "subscriptions/listen"));
  (void)pass(world, request(2));
  CHECK(world.router.in_flight() == 33);
  CHECK(world.router.awaited() == 1);
}

TEST_CASE("router: at its deadline a request ends for both sides") {
  RouterConfig config;
  config.timeout = 5s;
  RouterWorld world(config);
  const auto wire_id = pass(world, request("\"a\"", "tools/call"));
  CHECK(world.router.next_deadline() == world.now + 5s);
  world.advance(4999ms);
  CHECK(world.at_client().empty());
  world.advance(1ms);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(
      lines[0] ==
      R"({"jsonrpc":"2.0","id":"a","error":{"code":-31002,"message":"Request timed out after 5s","data":{"from":"stdiogate","reason":"timeout","retryable":false,"elapsedMs":5000,"method":"tools/call"}}})");
  CHECK(world.at_server() ==
        Lines{R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
              std::to_string(wire_id) + R"(,"reason":"Request timed out after 5s"}})"});
  CHECK(world.router.in_flight() == 0);
  CHECK_FALSE(world.router.next_deadline());
}

TEST_CASE("router: the late answer is dropped, the same id used again gets its own answer") {
  RouterConfig config;
  config.timeout = 5s;
  RouterWorld world(config);
  const auto late = pass(world, request(1));
  world.advance(5s);
  CHECK(world.at_client().size() == 1);
  (void)world.at_server();
  const auto again = pass(world, request(1));
  world.server(result(late, "\"late\""));
  CHECK(world.at_client().empty());
  world.server(result(again, "\"mine\""));
  CHECK(world.at_client() == Lines{result(1, "\"mine\"")});
}

TEST_CASE("router: a timeout of zero is none") {
  RouterConfig config;
  config.timeout = 0s;
  RouterWorld world(config);
  (void)pass(world, request(1));
  CHECK_FALSE(world.router.next_deadline());
}

TEST_CASE("router: initialize has a timeout of its own and is not cancelled") {
  RouterConfig config;
  config.timeout = 5s;
  config.start_timeout = 60s;
  RouterWorld world(config);
  (void)pass(world, request(1, "initialize"));
  world.advance(59s);
  CHECK(world.at_client().empty());
  world.advance(1s);
  REQUIRE(world.at_client().size() == 1);
  CHECK(world.at_server().empty());
}

TEST_CASE("router: subscriptions/listen has no timeout") {
  RouterWorld world;
  (void)pass(world, request(1, "subscriptions/listen"));
  CHECK_FALSE(world.router.next_deadline());
}

TEST_CASE("router: a method and a tool may have timeouts of their own, the tool's first") {
  RouterConfig config;
  config.timeout = 100s;
  config.timeout_rules = {{"tools/call", 10s},
                          {"tools/call:slow", 20s},
                          {"tools/call:a:b", 30s},
                          {"resources/read", 40s},
                          {"never", 0s}};
  const auto timeout_of = [&](std::string_view method, std::string_view params = "{}") {
    RouterWorld world(config);
    (void)pass(world, request(1, method, params));
    const auto deadline = world.router.next_deadline();
    return deadline ? *deadline - world.now : Duration::zero();
  };
  CHECK(timeout_of("other") == 100s);
  CHECK(timeout_of("tools/call") == 10s);
  CHECK(timeout_of("tools/call", R"({"name":"quick"})") == 10s);
  CHECK(timeout_of("tools/call", R"({"name":"slow"})") == 20s);
  CHECK(timeout_of("tools\\/call", R"({"name":"slo\u0077"})") == 20s);
  CHECK(timeout_of("tools/call", R"({"name":"SLOW"})") == 10s);
  CHECK(timeout_of("tools/call", R"({"name":"a:b"})") == 30s);
  CHECK(timeout_of("resources/read", R"({"name":"slow"})") == 40s);
  CHECK(timeout_of("never") == 0s);
}

TEST_CASE("router: progress restarts the clock of the request that asked for it, and of no other") {
  RouterConfig config;
  config.timeout = 10s;
  config.max_timeout = 25s;
  RouterWorld world(config);
  const Time start = world.now;
  (void)pass(world, request(1, "m", R"({"_meta":{"progressToken":"t"}})"));
  world.advance(8s);
  const std::string progress =
      notification("notifications/progress", R"({"progressToken":"\u0074","progress":1})");
  world.server(progress);
  CHECK(world.at_client() == Lines{progress});
  world.advance(2s);
  CHECK(world.router.next_deadline() == start + 18s);
  world.advance(7s);
  world.server(progress);
  (void)world.at_client();
  world.advance(1s);
  CHECK(world.router.next_deadline() == start + 25s);
  CHECK(world.at_client().empty());
  world.advance(7s);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31002, "1"));
  CHECK(lines[0].find("timed out after 25s") != std::string::npos);
}

TEST_CASE("router: progress moves nothing for a request without a token, or with another") {
  RouterConfig config;
  config.timeout = 10s;
  RouterWorld world(config);
  const Time start = world.now;
  (void)pass(world, request(7, "m"));
  (void)pass(world, request(8, "m", R"({"_meta":{"progressToken":8}})"));
  world.advance(5s);
  world.server(notification("notifications/progress", R"({"progressToken":7,"progress":1})"));
  world.server(notification("notifications/progress", R"({"progressToken":"8","progress":1})"));
  world.server(notification("notifications/progress", R"({"progressToken":[8],"progress":1})"));
  world.server(notification("notifications/progress"));
  CHECK(world.at_client().size() == 4);  // all pass: the receiver judges
  CHECK(world.router.next_deadline() == start + 10s);
}

}  // namespace
}  // namespace stdiogate
