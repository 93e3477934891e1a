// JSON-RPC batches: JSON-RPC 2.0, section 6; MCP 2025-03-26, basic/index.
#include <string>
#include <vector>

#include "stdiogate/router.h"

#include "tests/support/batch.h"
#include "tests/support/catch.h"
#include "tests/support/traced.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

TEST_CASE("router: a batch is taken apart, its answers come as one array with the last of them") {
  RouterWorld world;
  world.client(" [ " + request("\"a\"", "m", "[1, 2]") + " ,\t" + request(2) + "]");
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 2);
  const auto first = wire_id_in(lines[0]);
  CHECK(lines[0] == request(first, "m", "[1, 2]"));
  const auto second = wire_id_in(lines[1]);
  world.server(result(second, "\"two\""));
  CHECK(world.at_client().empty());
  world.server(result(first, "\"one\""));
  CHECK(world.at_client() == Lines{batch({result(2, "\"two\""), result("\"a\"", "\"one\"")})});
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("router: a batch of one is answered by an array of one") {
  RouterWorld world;
  world.client(batch({request(1)}));
  world.server(result(wire_ids(world).at(0)));
  CHECK(world.at_client() == Lines{batch({result(1)})});
}

TEST_CASE("router: an empty batch is no message") {
  RouterWorld world;
  for (const char* line : {"[]", " [ ] ", "[\t]\r"}) {
    world.client(line);
    const Lines lines = world.at_client();
    REQUIRE(lines.size() == 1);
    CHECK(is_gate_error(lines[0], -32600, ""));
  }
  world.server("[]");
  CHECK(world.at_client().empty());
}

TEST_CASE("router: a batch of notifications and answers alone has no answer") {
  RouterWorld world;
  world.server(request("\"s\"", "ping"));
  const auto asked = wire_id_in(world.at_client().at(0));
  world.client(batch({notification("n"), result(asked), cancelled(99), result("12345")}));
  CHECK(world.at_server() == Lines{notification("n"), result("\"s\"")});
  CHECK(world.at_client().empty());
}

TEST_CASE("router: an invalid element is answered with -32600, whatever it is, under its id") {
  RouterWorld world;
  world.client(batch({"1", "[]", batch({request(1)}), R"({"id":"x","method":"m"})", "null",
                      request("true"), notification("n")}));
  CHECK(world.at_server() == Lines{notification("n")});
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  MessageParser parser;
  REQUIRE(parser.parse(lines[0]).kind == MessageKind::batch);
  std::size_t errors = 0;
  for (std::size_t at = 0; (at = lines[0].find("\"code\":-32600", at)) != std::string::npos; ++at)
    ++errors;
  CHECK(errors == 6);
  CHECK(lines[0].find(R"("id":"x","error":)") != std::string::npos);
}

TEST_CASE("router: a batch that is no JSON is refused whole, and nothing of it is forwarded") {
  RouterWorld world;
  world.client("[" + request(1) + "," + request(2) + ",");
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -32700, ""));
  CHECK(world.at_server().empty());
}

TEST_CASE("router: two requests of a batch may have the same id") {
  RouterWorld world;
  world.client(batch({request(1), request(1)}));
  const auto ids = wire_ids(world);
  REQUIRE(ids.size() == 2);
  world.server(result(ids[1], "2"));
  world.server(result(ids[0], "1"));
  CHECK(world.at_client() == Lines{batch({result(1, "2"), result(1, "1")})});
}

TEST_CASE("router: a batch is whole when all its requests have an outcome, whatever it is") {
  RouterConfig config;
  config.max_in_flight = 3;
  config.timeout = 5s;
  RouterWorld world(config);
  world.client(batch({request(1), request(2), request(3), request(4)}));
  const auto ids = wire_ids(world);
  REQUIRE(ids.size() == 3);
  world.client(cancelled(2));  // no answer to that one
  (void)world.at_server();
  world.server(error(ids[0], -32601));
  CHECK(world.at_client().empty());
  world.advance(5s);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(R"([{"jsonrpc":"2.0","id":4,"error":{"code":-31001,)"));
  CHECK(lines[0].find(R"(,{"jsonrpc":"2.0","id":1,"error":{"code":-32601,)") != std::string::npos);
  CHECK(lines[0].find(R"(,{"jsonrpc":"2.0","id":3,"error":{"code":-31002,)") != std::string::npos);
  CHECK(lines[0].find("\"id\":2") == std::string::npos);
  MessageParser parser;
  CHECK(parser.parse(lines[0]).kind == MessageKind::batch);
}

TEST_CASE("router: a batch whose every request was cancelled has no answer") {
  RouterWorld world;
  world.client(batch({request(1)}));
  world.client(cancelled(1));
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("router: when the server is gone a batch that waited for it is answered") {
  RouterWorld world;
  world.client(batch({request(1), request(2)}));
  world.server(result(wire_ids(world).at(1)));
  const auto gone = server_exited_error({.status = 3}, "", true);
  world.router.end(gone, gone, world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("[" + result(2)));
  CHECK(lines[0].find(R"("id":1,"error":{"code":-31003,)") != std::string::npos);
}

TEST_CASE("router: an open batch blocks nobody") {
  RouterWorld world;
  world.client(batch({request(1)}));
  const auto in_batch = wire_ids(world).at(0);
  world.server(result(pass(world, request(2))));
  CHECK(world.at_client() == Lines{result(2)});
  world.client(batch({request(3)}));
  world.server(result(wire_ids(world).at(0)));
  CHECK(world.at_client() == Lines{batch({result(3)})});
  world.server(result(in_batch));
  CHECK(world.at_client() == Lines{batch({result(1)})});
}

TEST_CASE("router: a batch may have 1024 requests, those beyond are refused") {
  RouterConfig config;
  config.max_in_flight = 2 * Router::kMaxBatch;
  RouterWorld world(config);
  std::vector<std::string> elements(Router::kMaxBatch, request(1));
  elements.push_back(notification("n"));
  world.client(batch(elements));
  CHECK(wire_ids(world).size() == Router::kMaxBatch + 1);
  CHECK(world.at_client().empty());
  elements.push_back(request(2));
  elements.push_back(cancelled(1));
  world.client(batch(elements));
  CHECK(world.at_server().size() == Router::kMaxBatch + 2);  // and the notifications
  REQUIRE(world.events.size() > 1);
  CHECK(world.count(EventKind::request_ended) == 2);
  CHECK(world.events[world.events.size() - 2].event.ending == Ending::refused);
  CHECK(world.events.back().event.ending == Ending::cancelled);
}

TEST_CASE("router: a request beyond those of a batch is refused by the right name") {
  RouterConfig config;
  config.max_in_flight = 2 * Router::kMaxBatch;
  RouterWorld world(config);
  world.client(batch(std::vector<std::string>(Router::kMaxBatch + 1, request(1))));
  for (const std::uint64_t id : wire_ids(world))
    world.server(result(id));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("Maximum requests of one batch (1024) exceeded") != std::string::npos);
}

TEST_CASE("router: a batch may have any number of notifications") {
  RouterWorld world;
  world.client(batch(std::vector<std::string>(5000, notification("n"))));
  CHECK(world.at_server().size() == 5000);
  CHECK(world.at_client().empty());
}

TEST_CASE("router: 256 batches may be open; of one more the requests are refused, and no more") {
  RouterConfig config;
  config.max_in_flight = 1000;
  RouterWorld world(config);
  for (std::uint32_t i = 0; i < Router::kMaxOpenBatches; ++i)
    world.client(batch({request(i)}));
  const auto ids = wire_ids(world);
  CHECK(ids.size() == Router::kMaxOpenBatches);
  world.client(batch({request(7), notification("n"), cancelled(3), request("\"x\"")}));
  CHECK(world.at_server() == Lines{notification("n"), cancelled(ids[3])});
  Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(R"([{"jsonrpc":"2.0","id":7,"error":{"code":-31001,)"
                             R"("message":"Maximum concurrent batches (256) exceeded",)"));
  CHECK(lines[0].find(R"(,{"jsonrpc":"2.0","id":"x","error":{"code":-31001,)") !=
        std::string::npos);
  world.client(batch({request(7)}));  // a batch has gone with the cancel
  CHECK(world.at_server().size() == 1);
  CHECK(world.at_client().empty());
}

TEST_CASE("router: what is gathered is bounded, and given back") {
  RouterWorld world;
  const std::string half(Router::kMaxGathered / 2 + 1, 'x');
  world.client(batch({request(1), request(2)}));
  const auto ids = wire_ids(world);
  world.server(result(ids[0], '"' + half + '"'));
  world.server(result(ids[1], '"' + half + '"'));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("[" + result(1, '"' + half + '"') +
                             R"(,{"jsonrpc":"2.0","id":2,"error":{"code":-31005,)"));
  world.client(batch({request(3)}));
  world.server(result(wire_ids(world).at(0), '"' + half + '"'));
  CHECK(world.at_client() == Lines{batch({result(3, '"' + half + '"')})});
}

TEST_CASE("router: an answer that does not fit its array ends as the gate's error") {
  Traced world;
  const std::string half(Router::kMaxGathered / 2 + 1, 'x');
  world.client(batch({request(1, "tools/call"), request(2, "tools/call")}));
  const auto ids = wire_ids(world);
  world.server(result(ids[0], '"' + half + '"'));
  CHECK_FALSE(world.events.back().event.by_gate);
  world.taken();
  world.server(result(ids[1], R"({"isError":true,"x":")" + half + "\"}"));
  CHECK(world.events.back().event.is_error);
  CHECK(world.events.back().event.by_gate);
  CHECK(world.member("error.type") == R"("line-too-long")");
  CHECK(world.member("rpc.response.status_code") == R"("-31005")");
  const std::size_t without = batch({result(1, '"' + half + '"')}).size();
  const std::size_t bytes = world.at_client().at(0).size() - without - 1;
  CHECK(world.member("stdiogate.answer_bytes") == std::to_string(bytes));
}

TEST_CASE("router: an array of more than 65536 elements is not taken apart") {
  RouterWorld world;
  std::vector<std::string> elements(Router::kMaxElements, notification("n"));
  world.client(batch(elements));
  CHECK(world.at_server().size() == Router::kMaxElements);
  world.server(batch(elements));
  CHECK(world.at_client().size() == Router::kMaxElements);
  elements.push_back(notification("n"));
  world.client(batch(elements));
  CHECK(world.at_server().empty());
  CHECK(world.at_client().size() == 1);
  world.server(batch(elements));
  CHECK(world.at_client().empty());
  CHECK(world.count(EventKind::noise) == 1);
}

TEST_CASE("router: elements of a batch that wait for a slot are gathered with the others") {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = 10;
  RouterWorld world(config);
  world.client(batch({request(1), request(2), request(3)}));
  for (int i = 1; i <= 3; ++i) {
    const auto ids = wire_ids(world);
    REQUIRE(ids.size() == 1);
    CHECK(world.at_client().empty());
    world.server(result(ids[0]));
  }
  CHECK(world.at_client() == Lines{batch({result(1), result(2), result(3)})});
}

}  // namespace
}  // namespace stdiogate
