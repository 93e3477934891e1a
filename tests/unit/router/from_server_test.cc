// Requests and lines of the server.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

TEST_CASE("router: a request of the server's reaches the client under a wire id of its own") {
  RouterWorld world;
  world.server(request("0", "sampling/createMessage", R"({"x":1})"));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  const auto wire_id = wire_id_in(lines[0]);
  CHECK(lines[0] == request(wire_id, "sampling/createMessage", R"({"x":1})"));
  world.client(result(std::to_string(wire_id) + ".0", "{\"role\":1}"));
  CHECK(world.at_server() == Lines{result("0", "{\"role\":1}")});
  world.client(result(wire_id));  // a second time
  CHECK(world.at_server().empty());
  CHECK(world.events.back().event.kind == EventKind::answer_dropped);
}

TEST_CASE("router: an answer of the client's that answers nothing is dropped") {
  RouterWorld world;
  world.server(request("1"));
  const auto wire_id = wire_id_in(world.at_client().at(0));
  world.client(result(wire_id + 1));
  world.client(result("null"));
  world.client(result("1"));
  CHECK(world.at_server().empty());
  CHECK(world.count(EventKind::answer_dropped) == 3);
}

TEST_CASE("router: an answer of the client's may spell the wire id as text or with a fraction") {
  RouterWorld world;
  for (const std::string quote : {"\"", ""}) {
    world.server(request("1"));
    const auto wire_id = std::to_string(wire_id_in(world.at_client().at(0)));
    world.client(result(quote + wire_id + (quote.empty() ? ".0" : quote)));
    CHECK(world.at_server() == Lines{result(1)});
  }
}

TEST_CASE("router: requests of both sides may have the same number") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1));
  world.server(request(wire_id, "roots/list"));
  const auto back = wire_id_in(world.at_client().at(0));
  world.server(result(wire_id, "\"for the client\""));
  CHECK(world.at_client() == Lines{result(1, "\"for the client\"")});
  world.client(result(back, "\"for the server\""));
  CHECK(world.at_server() == Lines{result(wire_id, "\"for the server\"")});
}

TEST_CASE("router: of the server's requests 256 may be open, the next is refused to it") {
  RouterWorld world;
  for (std::uint64_t i = 0; i < 256; ++i)
    world.server(request(i, "roots/list"));
  CHECK(world.at_client().size() == 256);
  world.server(request("\"one more\"", "ping"));
  CHECK(world.at_client().empty());
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31001, "\"one more\""));
}

TEST_CASE("router: a server's cancel of its own request comes before one of the client's") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"mine\""));
  world.server(request(wire_id, "elicitation/create"));
  const auto back = wire_id_in(world.at_client().at(0));
  world.server(cancelled(wire_id));
  CHECK(world.at_client() == Lines{cancelled(back)});
  world.client(result(back));  // closed
  CHECK(world.at_server().empty());
  world.server(cancelled(wire_id));  // now it can only mean the client's
  CHECK(world.at_client() == Lines{cancelled("\"mine\"")});
  CHECK(world.router.in_flight() == 1);  // and that is still answered
  world.server(result(wire_id));
  CHECK(world.at_client() == Lines{result("\"mine\"")});
}

TEST_CASE("router: a server's cancel ends a listen of the client's, and no answer follows") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"listen:0\"", "subscriptions/listen"));
  CHECK(world.router.awaited() == 0);
  world.server(cancelled(wire_id));
  CHECK(world.at_client() == Lines{cancelled("\"listen:0\"")});
  CHECK(world.router.in_flight() == 0);
  world.server(result(wire_id));
  CHECK(world.at_client().empty());
}

TEST_CASE("router: a server's cancel that names nothing open is dropped") {
  RouterWorld world;
  world.server(cancelled(7));
  world.server(cancelled("\"x\""));
  world.server(notification("notifications/cancelled"));
  CHECK(world.at_client().empty());
  CHECK(world.count_of_server(EventKind::cancel_dropped) == 3);
}

TEST_CASE("router: a server's cancel that names two requests is dropped") {
  RouterWorld world;
  const auto wire_id = std::to_string(pass(world, request(1)));
  world.server(request("0", "roots/list"));
  (void)world.at_client();
  for (const std::string& id : {std::string("0"), wire_id})
    world.server(notification("notifications/cancelled",
                              "{\"requestId\":" + id + ",\"requestId\":" + id + "}"));
  CHECK(world.at_client().empty());
  CHECK(world.router.asked() == 1);
  CHECK(world.count(EventKind::cancel_dropped) == 2);
}

TEST_CASE("router: what is no message is noise and never reaches the client") {
  RouterWorld world;
  const auto noise = {"Server listening on stdio",
                      R"({"level":"info"})",
                      "{\"jsonrpc\":\"2.0\"",
                      R"({"jsonrpc":"2.0","result":{}})",
                      R"({"jsonrpc":"2.0","id":true,"method":"m"})",
                      R"({"jsonrpc":"2.0","id":1,"id":2,"result":{}})",
                      "\x1b[32mready\x1b[0m"};
  for (const char* line : noise)
    world.server(line);
  CHECK(world.at_client().empty());
  CHECK(world.count(EventKind::noise) == static_cast<int>(noise.size()));
  CHECK(world.events[0].detail == "Server listening on stdio");
}

TEST_CASE("router: an error of the server's without an id is passed on") {
  RouterWorld world;
  const std::string with_null =
      R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})";
  const std::string without = R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}})";
  world.server(with_null);
  world.server(without);
  CHECK(world.at_client() == Lines{with_null, without});
  CHECK(world.count(EventKind::anonymous_error) == 2);
}

TEST_CASE("router: of the server's requests the oldest ping is forgotten before one is refused") {
  RouterWorld world;
  world.server(request("\"first\"", "ping"));
  world.server(request("\"second\"", "ping"));
  const Lines pings = world.at_client();
  for (std::uint32_t i = 2; i < Router::kMaxServerRequests; ++i)
    world.server(request(i, "roots/list"));
  (void)world.at_client();
  world.server(request("\"a\"", "roots/list"));
  world.server(request("\"b\"", "roots/list"));
  CHECK(world.at_client().size() == 2);
  world.client(result(wire_id_in(pings[0])));
  CHECK(world.at_server().empty());
  world.server(request("\"c\"", "roots/list"));
  world.server(request("\"d\"", "ping"));
  world.server(request("\"e\"", "roots/list"));
  CHECK(world.at_client().empty());
  const Lines refused = world.at_server();
  REQUIRE(refused.size() == 3);
  CHECK(is_gate_error(refused[0], -31001, "\"c\""));
  CHECK(world.count(EventKind::server_refused) == 1);
}

}  // namespace
}  // namespace stdiogate
