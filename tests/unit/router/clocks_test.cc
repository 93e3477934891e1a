// Whose time it is, and what is said when it is over.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

RouterConfig ten_seconds() {
  RouterConfig config;
  config.timeout = 10s;
  config.max_timeout = 60s;
  return config;
}

/// A question of the server's, and the wire id under which the client has it.
std::uint64_t question(RouterWorld& world, std::string_view id, std::string_view method) {
  world.server(request(id, method));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  return wire_id_in(lines[0]);
}

TEST_CASE("router: while a person or a model is asked the clocks of that server's requests stand") {
  for (const char* method :
       {"elicitation/create", "sampling/createMessage", "session/request_permission"}) {
    INFO(method);
    RouterWorld world(ten_seconds());
    (void)pass(world, request(1));
    world.advance(9s);
    const auto asked = question(world, "0", method);
    world.advance(30s);
    CHECK(world.at_client().empty());
    world.client(result(asked));
    (void)world.at_server();
    world.advance(9999ms);  // its full timeout again
    CHECK(world.at_client().empty());
    world.advance(1ms);
    CHECK(world.at_client().size() == 1);
  }
}

TEST_CASE("router: no other question of the server's stops a clock") {
  RouterWorld world(ten_seconds());
  (void)pass(world, request(1));
  (void)question(world, "0", "roots/list");
  world.advance(10s);
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("router: however long a person thinks, the greatest timeout ends it") {
  RouterWorld world(ten_seconds());
  (void)pass(world, request(1));
  (void)question(world, "0", "elicitation/create");
  world.advance(59s);
  CHECK(world.at_client().empty());
  world.advance(1s);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31002, "1"));
  CHECK(lines[0].find("after 1m") != std::string::npos);
}

TEST_CASE("router: of two questions the last answer lets the clocks go on") {
  RouterWorld world(ten_seconds());
  (void)pass(world, request(1));
  const auto first = question(world, "0", "elicitation/create");
  const auto second = question(world, "1", "elicitation/create");
  world.client(result(second));
  world.advance(20s);
  CHECK(world.at_client().empty());
  world.client(result(first));
  world.advance(10s);
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("router: a question that the server takes back lets the clocks go on, too") {
  RouterWorld world(ten_seconds());
  (void)pass(world, request(1));
  (void)question(world, "0", "elicitation/create");
  world.server(cancelled("0"));
  (void)world.at_client();
  world.advance(10s);
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("router: a request that comes while a person is asked waits, too") {
  RouterWorld world(ten_seconds());
  const auto asked = question(world, "0", "elicitation/create");
  (void)pass(world, request(1));
  world.advance(20s);
  CHECK(world.at_client().empty());
  world.client(result(asked));
  world.advance(10s);
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("router: what waits for a person or for the end of something long has no timeout") {
  for (const char* method :
       {"tasks/result", "session/prompt", "authenticate", "subscriptions/listen"}) {
    INFO(method);
    RouterWorld world(ten_seconds());
    (void)pass(world, request(1, method));
    CHECK_FALSE(world.router.next_deadline());
    RouterConfig config = ten_seconds();
    config.timeout_rules = {{method, 5s}};
    RouterWorld limited(config);
    (void)pass(limited, request(1, method));
    CHECK(limited.router.next_deadline() == limited.now + 5s);
  }
}

TEST_CASE("router: an agent of ACP is cancelled in its own words") {
  RouterWorld world(ten_seconds());
  const auto opening =
      pass(world, request(1, "initialize", R"({"protocolVersion":1,"clientCapabilities":{}})"));
  world.server(result(opening, R"({"protocolVersion":1,"agentCapabilities":{}})"));
  (void)world.at_client();
  const auto wire_id = pass(world, request(2, "session/set_mode"));
  world.advance(10s);
  CHECK(world.at_client().size() == 1);
  CHECK(world.at_server() ==
        Lines{R"({"jsonrpc":"2.0","method":"$/cancel_request","params":{"requestId":)" +
              std::to_string(wire_id) + "}}"});
}

TEST_CASE("router: an initialize that timed out is answered with the server's last words") {
  RouterConfig config;
  config.start_timeout = 5s;
  RouterWorld world(config);
  world.words = "no licence found\n";
  (void)pass(world, request(1, "initialize"));
  world.advance(5s);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find(R"("method":"initialize","stderr":"no licence found\n"}}})") !=
        std::string::npos);
  (void)pass(world, request(2, "tools/call"));
  world.advance(1h);
  const Lines call = world.at_client();
  REQUIRE(call.size() == 1);
  CHECK(call[0].find("stderr") == std::string::npos);
}

}  // namespace
}  // namespace stdiogate
