// subscriptions/listen: MCP 2026-07-28, basic/patterns/subscriptions.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using Lines = RouterWorld::Lines;

std::string with_subscription(std::string_view id) {
  return R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + std::string(id) + "}}";
}
std::string with_subscription(std::uint64_t id) {
  return with_subscription(std::to_string(id));
}

TEST_CASE("router: a notification for a listen comes under the client's id, of any form") {
  for (const std::string id : {"1", "\"listen:0\"", "2.50", R"("\u00e9")"}) {
    RouterWorld world;
    const auto wire_id = pass(world, request(id, "subscriptions/listen"));
    const std::string number = std::to_string(wire_id);
    for (const std::string& spelled : {number, number + ".0", "\"" + number + "\""}) {
      world.server(notification("notifications/tools/list_changed", with_subscription(spelled)));
      CHECK(world.at_client() ==
            Lines{notification("notifications/tools/list_changed", with_subscription(id))});
    }
  }
}

TEST_CASE("router: any notification may belong to a listen, one that is no list_changed too") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"l\"", "subscriptions/listen"));
  world.server(R"({"params" : {"_meta":{"a":[1],"io.modelcontextprotocol\/subscriptionId" :)" +
               std::to_string(wire_id) + R"( } ,"uri":"x"},"method":"whatever","jsonrpc":"2.0"})");
  CHECK(world.at_client() ==
        Lines{R"({"params" : {"_meta":{"a":[1],"io.modelcontextprotocol\/subscriptionId" :"l" } )"
              R"(,"uri":"x"},"method":"whatever","jsonrpc":"2.0"})"});
}

TEST_CASE("router: a notification for a subscription that is not open is dropped and counted") {
  RouterWorld world;
  const std::string method = "notifications/resources/updated";
  world.server(notification(method, with_subscription(5)));  // while none is open
  const auto wire_id = pass(world, request(1, "subscriptions/listen"));
  for (const char* id : {"\"x\"", "0", "null", "{}", "1"})
    world.server(notification(method, with_subscription(id)));
  world.server(notification(method, with_subscription(wire_id + 1)));
  const std::string twice = "\"io.modelcontextprotocol/subscriptionId\":" + std::to_string(wire_id);
  world.server(notification(method, R"({"_meta":{)" + twice + "," + twice + "}}"));
  CHECK(world.count(EventKind::notification_dropped) == 8);
  world.client(cancelled(1));
  world.server(notification(method, with_subscription(wire_id)));
  CHECK(world.at_client().empty());
  CHECK(world.count(EventKind::notification_dropped) == 9);
}

TEST_CASE("router: a subscription id anywhere else is not touched") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"l\"", "subscriptions/listen"));
  const std::string deeper = notification("n", R"({"x":)" + with_subscription(wire_id) + "}");
  world.server(deeper);
  CHECK(world.at_client() == Lines{deeper});
  world.client(notification("n", with_subscription(wire_id)));  // the client's own
  CHECK(world.at_server() == Lines{notification("n", with_subscription(wire_id))});
}

TEST_CASE("router: the closing result of a listen names it twice, the client's id comes twice") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"listen:0\"", "subscriptions/listen"));
  world.server(result(wire_id, with_subscription(wire_id)));
  CHECK(world.at_client() == Lines{result("\"listen:0\"", with_subscription("\"listen:0\""))});
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("router: a closing result that is not UTF-8 names it twice, too") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1, "subscriptions/listen"));
  const auto with_text = [](const std::string& text, std::uint64_t id) {
    return "{\"x\":\"" + text + "\"," + with_subscription(id).substr(1);
  };
  world.server(result(wire_id, with_text("\xff", wire_id)));
  CHECK(world.at_client() == Lines{result(1, with_text("\xef\xbf\xbd", 1))});
}

TEST_CASE("router: the id may stand behind the result, too") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"a\"", "subscriptions/listen"));
  const std::string number = std::to_string(wire_id);
  world.server(R"({"jsonrpc":"2.0","result":)" + with_subscription("\"" + number + "\"") +
               ",\"id\":" + number + "}");
  CHECK(world.at_client() ==
        Lines{R"({"jsonrpc":"2.0","result":)" + with_subscription("\"a\"") + ",\"id\":\"a\"}"});
}

TEST_CASE("router: a subscription id in a result that is another's is left as it is") {
  RouterWorld world;
  const auto listen = pass(world, request("\"l\"", "subscriptions/listen"));
  const auto other = pass(world, request("\"o\"", "tools/call"));
  const std::string inner = with_subscription("\"mine\"");
  world.server(result(other, inner));
  CHECK(world.at_client() == Lines{result("\"o\"", inner)});
  world.server(result(listen, with_subscription("77")));
  CHECK(world.at_client() == Lines{result("\"l\"", with_subscription("77"))});
}

TEST_CASE("router: a subscription id is a listen's only in the answer to one") {
  for (const bool observe_details : {false, true}) {
    RouterConfig config;
    config.observe_details = observe_details;
    RouterWorld world(config);
    (void)pass(world, request("\"l\"", "subscriptions/listen"));
    const auto call = pass(world, request("\"c\"", "tools/call"));
    world.server(result(call, with_subscription(call)));
    CHECK(world.at_client() == Lines{result("\"c\"", with_subscription(call))});
  }
}

TEST_CASE("router: a cancel with a subscription id has both put right, whatever their order") {
  RouterWorld world;
  const auto params = [](const std::string& id, bool meta_first) {
    const std::string meta = R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}";
    const std::string request_id = "\"requestId\":" + id;
    return meta_first ? "{" + meta + "," + request_id + "}" : "{" + request_id + "," + meta + "}";
  };
  for (const bool meta_first : {false, true}) {
    const auto wire_id = pass(world, request("\"l\"", "subscriptions/listen"));
    world.server(
        notification("notifications/cancelled", params(std::to_string(wire_id), meta_first)));
    CHECK(world.at_client() ==
          Lines{notification("notifications/cancelled", params("\"l\"", meta_first))});
    CHECK(world.router.in_flight() == 0);
  }
}

TEST_CASE("router: many listens are open beside many calls, each keeps its own name") {
  RouterWorld world;
  std::vector<std::uint64_t> wire_ids;
  for (int i = 0; i < 32; ++i)
    wire_ids.push_back(
        pass(world, request("\"l" + std::to_string(i) + "\"", "subscriptions/listen")));
  for (std::size_t i = wire_ids.size(); i-- > 0;) {
    world.server(notification("n", with_subscription(wire_ids[i])));
    CHECK(world.at_client() ==
          Lines{notification("n", with_subscription("\"l" + std::to_string(i) + "\""))});
  }
  CHECK(world.router.awaited() == 0);
}

}  // namespace
}  // namespace stdiogate
