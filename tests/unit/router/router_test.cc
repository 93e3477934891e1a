#include "stdiogate/router.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

TEST_CASE("router: a request reaches the server under a wire id and otherwise unchanged") {
  RouterWorld world;
  world.client(
      R"( {"jsonrpc" : "2.0","params":{"id":"x"}, "id" : "abc" ,"method":"m","x":[1, 2]})");
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 1);
  const std::string wire_id = std::to_string(wire_id_in(lines[0], "\"id\" : "));
  CHECK(lines[0] == R"( {"jsonrpc" : "2.0","params":{"id":"x"}, "id" : )" + wire_id +
                        R"( ,"method":"m","x":[1, 2]})");
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == 1);
}

TEST_CASE("router: the answer comes back under the client's id, byte for byte") {
  for (const std::string id : {"1", "0", "-7", "1.0", "1e2", "12345678901234567890", "\"1\"",
                               "\"\"", R"("caf\u00e9 \ud83d \"q\"")", "\"\xc3\xa9\""}) {
    RouterWorld world;
    const auto wire_id = pass(world, request(id));
    world.server(R"({ "result":{"id":5}, "id":)" + std::to_string(wire_id) +
                 R"(,"jsonrpc":"2.0" })");
    CHECK(world.at_client() ==
          Lines{R"({ "result":{"id":5}, "id":)" + id + R"(,"jsonrpc":"2.0" })"});
    CHECK(world.router.in_flight() == 0);
  }
}

TEST_CASE("router: an error of the server's is an answer") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"a\""));
  world.server(error(wire_id, -32601));
  CHECK(world.at_client() ==
        Lines{R"({"jsonrpc":"2.0","id":"a","error":{"code":-32601,"message":"no"}})"});
  REQUIRE(world.count(EventKind::request_ended) == 1);
  CHECK(world.events.back().event.is_error);
}

TEST_CASE("router: a wire id may come back spelled otherwise") {
  RouterWorld world;
  for (const char* form : {"%.0", "\"%\"", "%0e-1", "%.000"}) {
    const auto wire_id = pass(world, request(7));
    std::string id = form;
    id.replace(id.find('%'), 1, std::to_string(wire_id));
    world.server(result(id));
    CHECK(world.at_client() == Lines{result(7)});
  }
}

TEST_CASE("router: an answer to no open request is dropped and counted") {
  RouterWorld world;
  const auto wire_id = pass(world, request(7));
  const auto invented = {"0", "-1", "1.5", "\"x\"", "true", "[1]", "{}", "99999999999999999999"};
  for (const char* id : invented)
    world.server(result(id));
  world.server(result(wire_id + 1));
  CHECK(world.at_client().empty());
  for (const auto& seen : world.events)
    CHECK_FALSE(seen.event.was_open);
  world.server(result(wire_id));
  CHECK(world.at_client().size() == 1);
  world.server(result(wire_id));  // a second time
  CHECK(world.at_client().empty());
  CHECK(world.count(EventKind::answer_dropped) == static_cast<int>(invented.size()) + 2);
  CHECK(world.events.back().event.was_open);
}

TEST_CASE("router: two requests in flight under one id are both sent and both answered") {
  RouterWorld world;
  const auto first = pass(world, request(1, "m", R"({"n":1})"));
  const auto second = pass(world, request(1, "m", R"({"n":2})"));
  (void)pass(world, request(1, "m", R"({"n":3})"));
  CHECK(first != second);
  world.server(result(second, "\"second\""));
  world.server(result(first, "\"first\""));
  CHECK(world.at_client() == Lines{result(1, "\"second\""), result(1, "\"first\"")});
  CHECK(world.count(EventKind::duplicate_id) == 1);  // told once
}

TEST_CASE("router: an id used again when its request is answered is nothing to tell") {
  RouterWorld world;
  world.server(result(pass(world, request(1))));
  (void)pass(world, request(1));
  (void)pass(world, request("\"1\""));
  CHECK(world.count(EventKind::duplicate_id) == 0);
}

TEST_CASE("router: every request is told of at its start and at its end") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"a\"", "tools/call"));
  world.now += 20ms;
  world.server(result(wire_id));
  REQUIRE(world.events.size() == 2);
  CHECK(world.events[0].event.kind == EventKind::request_opened);
  CHECK(world.events[0].event.in_flight == 1);
  CHECK(world.events[1].event.kind == EventKind::request_ended);
  CHECK(world.events[1].event.ending == Ending::answered);
  CHECK(world.events[1].event.latency == 20ms);
  CHECK(world.events[1].event.in_flight == 0);
  for (const auto& seen : world.events) {
    CHECK(seen.id == "\"a\"");
    CHECK(seen.method == "tools/call");
    CHECK(seen.event.wire_id == wire_id);
    CHECK_FALSE(seen.event.from_server);
  }
}

TEST_CASE("router: notifications pass unchanged both ways, in their order among requests") {
  RouterWorld world;
  const std::string odd = R"({"method" : "n", "jsonrpc":"2.0","params":[1e400,"\ud83d"] })";
  world.client(odd);
  world.client(request(1));
  world.client(notification("o"));
  const Lines at_server = world.at_server();
  REQUIRE(at_server.size() == 3);
  CHECK(at_server[0] == odd);
  CHECK(at_server[2] == notification("o"));
  world.server(odd);
  CHECK(world.at_client() == Lines{odd});
}

TEST_CASE("router: a line of the client's that is no JSON is refused with -32700") {
  RouterWorld world;
  world.client(R"({"jsonrpc":"2.0","id":1,"method":"m")");
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -32700, "1"));
  CHECK(lines[0].find("\"offset\":36") != std::string::npos);
  CHECK(world.at_server().empty());
  CHECK(world.count(EventKind::invalid_line) == 1);
}

TEST_CASE("router: one that is no message is refused with -32600, under its id if it has one") {
  RouterWorld world;
  const std::pair<const char*, const char*> lines[] = {
      {"7", ""},
      {R"({"jsonrpc":"2.0","id":1})", "1"},
      {R"({"id":"a","method":"m"})", "\"a\""},
      {R"({"jsonrpc":"2.0","id":true,"method":"m"})", ""},
      {R"({"jsonrpc":"2.0","id":1,"id":2,"method":"m"})", ""},
      {R"({"jsonrpc":"2.0","result":{}})", ""},
      {R"({"jsonrpc":"2.0","error":{}})", ""},
      {R"({"id":4,"result":{}})", ""},
  };
  for (const auto& [line, id] : lines) {
    INFO(line);
    world.client(line);
    const Lines replies = world.at_client();
    REQUIRE(replies.size() == 1);
    CHECK(is_gate_error(replies[0], -32600, id));
  }
  CHECK(world.at_server().empty());
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("router: when the server is gone every open request is told so, in order, once") {
  RouterWorld world;
  (void)pass(world, request(1));
  (void)pass(world, request("\"b\"", "subscriptions/listen"));
  const auto gone = server_exited_error({.status = 3}, "oops", true);
  world.router.end(gone, server_exited_error({.status = 3}, "oops", false), world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 2);
  CHECK(is_gate_error(lines[0], -31003, "1"));
  CHECK(is_gate_error(lines[1], -31003, "\"b\""));
  CHECK(world.router.in_flight() == 0);
  CHECK(world.router.awaited() == 0);
}

TEST_CASE("router: after the end requests are refused and nothing is forwarded") {
  RouterWorld world;
  world.router.end(shutting_down_error(true), shutting_down_error(false), world.now);
  world.client(request(1));
  world.client(notification("n"));
  world.client(cancelled(1));
  world.client(result(5));
  CHECK(world.at_server().empty());
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31004, "1"));
  CHECK(lines[0].find("\"retryable\":true") != std::string::npos);
  world.server(notification("last words"));
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("router: a method's name is kept up to a limit, requests pass whatever it is") {
  RouterWorld world;
  for (int i = 0; i < 1000; ++i) {
    const auto wire_id = pass(world, request(1, "method" + std::to_string(i)));
    world.server(result(wire_id));
  }
  (void)pass(world, request(1, std::string(10'000, 'm')));
  CHECK(world.events.back().method == "(other)");
  CHECK(world.events[0].method == "method0");
}

}  // namespace
}  // namespace stdiogate
