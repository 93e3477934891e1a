// Cancelling, by either side.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

TEST_CASE("router: a cancel reaches the server with the wire id, and the slot is free at once") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"a\""));
  world.client(cancelled("\"\\u0061\""));  // the same id
  CHECK(world.at_server() == Lines{cancelled(wire_id)});
  CHECK(world.router.in_flight() == 0);
  world.server(result(wire_id));  // too late
  CHECK(world.at_client().empty());
  CHECK(world.events.back().event.kind == EventKind::answer_dropped);
}

TEST_CASE("router: a cancel ends the newest of several requests with its id") {
  RouterWorld world;
  const auto first = pass(world, request(1));
  const auto second = pass(world, request(1));
  world.client(cancelled(1));
  CHECK(world.at_server() == Lines{cancelled(second)});
  world.client(cancelled(1));
  CHECK(world.at_server() == Lines{cancelled(first)});
}

TEST_CASE("router: a cancel that names no open request goes nowhere") {
  RouterWorld world;
  const auto wire_id = pass(world, request(5));
  const auto initialize = pass(world, request(6, "initialize"));
  CHECK(initialize > 0);
  world.client(cancelled("\"a\""));
  world.client(cancelled(4));
  world.client(cancelled(wire_id));  // the server's name for it, not the client's
  world.client(cancelled("null"));
  world.client(cancelled("{}"));
  world.client(notification("notifications/cancelled"));
  world.client(notification("notifications/cancelled", R"({"requestId":5,"requestId":5})"));
  world.client(cancelled(6));  // initialize must not be cancelled
  CHECK(world.at_server().empty());
  CHECK(world.router.in_flight() == 2);
  CHECK(world.count(EventKind::cancel_dropped) == 8);
  CHECK(world.count_of_server(EventKind::cancel_dropped) == 0);
}

TEST_CASE("router: what else appears twice in a cancel does not matter") {
  RouterWorld world;
  const auto wire_id = pass(world, request(5));
  const std::string rest = R"(,"id":1,"id":2,"progressToken":1,"progressToken":2})";
  world.client(notification("notifications/cancelled", R"({"requestId":5)" + rest));
  CHECK(world.at_server() ==
        RouterWorld::Lines{notification("notifications/cancelled",
                                        R"({"requestId":)" + std::to_string(wire_id) + rest)});
  CHECK(world.router.in_flight() == 0);
  world.server(request("5", "ping"));
  const auto asked = wire_id_in(world.at_client().at(0));
  world.server(notification("notifications/cancelled", R"({"requestId":5)" + rest));
  CHECK(world.at_client() ==
        RouterWorld::Lines{notification("notifications/cancelled",
                                        R"({"requestId":)" + std::to_string(asked) + rest)});
}

// Cancels of other protocols: the request is answered all the same.

TEST_CASE("router: $/cancel_request and $/cancelRequest go on with the wire id, the slot stays") {
  RouterWorld world;
  for (const auto& [method, member] :
       {std::pair{"$/cancel_request", "requestId"}, std::pair{"$/cancelRequest", "id"}}) {
    const auto cancel = [&, method = method, member = member](const std::string& id) {
      return notification(method, std::string("{\"") + member + "\":" + id + ",\"x\":1}");
    };
    const auto wire_id = pass(world, request("\"a\""));
    world.client(cancel("\"\\u0061\""));
    CHECK(world.at_server() == Lines{cancel(std::to_string(wire_id))});
    CHECK(world.router.in_flight() == 1);
    world.server(error(wire_id, -32800));
    CHECK(world.at_client().size() == 1);
    world.client(cancel("\"a\""));  // answered already
    CHECK(world.at_server().empty());
    CHECK(world.events.back().event.kind == EventKind::cancel_dropped);
  }
}

TEST_CASE("router: even initialize may be asked to stop by $/cancelRequest") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1, "initialize"));
  world.client(notification("$/cancelRequest", R"({"id":1})"));
  CHECK(world.at_server() ==
        Lines{notification("$/cancelRequest", R"({"id":)" + std::to_string(wire_id) + "}")});
}

TEST_CASE(
    "router: $/cancel_request of the server's names its own request first, then the client's") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"mine\""));
  const std::string number = std::to_string(wire_id);
  const auto cancel = [](const std::string& id) {
    return notification("$/cancel_request", "{\"requestId\":" + id + "}");
  };
  world.server(request(number, "session/request_permission"));
  const auto back = wire_id_in(world.at_client().at(0));
  world.server(cancel(number));
  CHECK(world.at_client() == Lines{cancel(std::to_string(back))});
  world.client(result(back));  // still open
  CHECK(world.at_server() == Lines{result(number)});
  world.server(cancel(number));
  CHECK(world.at_client() == Lines{cancel("\"mine\"")});
  CHECK(world.router.in_flight() == 1);
}

TEST_CASE("router: an id in $/cancelRequest is looked for under id alone, and so is the other") {
  RouterWorld world;
  (void)pass(world, request(1));
  world.client(notification("$/cancelRequest", R"({"requestId":1})"));
  world.client(notification("$/cancel_request", R"({"id":1})"));
  world.client(notification("notifications/cancelled", R"({"id":1})"));
  CHECK(world.at_server().empty());
  CHECK(world.count(EventKind::cancel_dropped) == 3);
}

TEST_CASE("router: a cancel may name a request in the other form of its id") {
  RouterWorld world;
  const auto number = pass(world, request(7));
  const auto text = pass(world, request("\"8\""));
  world.client(cancelled("\"7\""));
  world.client(cancelled("8"));
  CHECK(world.at_server() == Lines{cancelled(number), cancelled(text)});
  CHECK(world.router.in_flight() == 0);
  (void)pass(world, request("\"9\""));
  const auto exact = pass(world, request(9));
  world.client(cancelled("9"));
  CHECK(world.at_server() == Lines{cancelled(exact)});
  world.server(request("5", "ping"));
  const auto asked = wire_id_in(world.at_client().at(0));
  world.server(cancelled("\"5\""));
  CHECK(world.at_client() == Lines{cancelled(asked)});
}

}  // namespace
}  // namespace stdiogate
