#include "stdiogate/router.h"

#include <set>
#include <string>

#include "support/catch.h"
#include "support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

/// Sends the request and returns the wire id under which it reached the server.
std::uint64_t pass(RouterWorld& world, const std::string& line) {
  world.client(line);
  const Lines lines = world.at_server();
  REQUIRE(lines.size() == 1);
  const std::uint64_t wire_id = wire_id_in(lines[0]);
  REQUIRE(wire_id > 0);
  return wire_id;
}

// One request

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

// Lines of the client

TEST_CASE("router: blank lines of either side are ignored") {
  RouterWorld world;
  for (const char* line : {"", " ", "\t \r"}) {
    world.client(line);
    world.server(line);
  }
  CHECK(world.at_client().empty());
  CHECK(world.at_server().empty());
  CHECK(world.events.empty());
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

TEST_CASE("router: a line of the client's that is no JSON is refused with -32700 and no id") {
  RouterWorld world;
  world.client(R"({"jsonrpc":"2.0","id":1,"method":"m")");
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -32700, ""));
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
      {R"({"jsonrpc":"2.0","id":null,"method":"m"})", ""},
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

TEST_CASE("router: an overlong line of the client's is refused with -32600 and no id") {
  RouterConfig config;
  config.max_line = 30;
  RouterWorld world(config);
  world.router.client_line({R"({"jsonrpc":"2.0","id":1,"metho)", true}, world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -32600, ""));
  CHECK(lines[0].find("longer than 30 bytes") != std::string::npos);
  CHECK(world.at_server().empty());
}

// Cancelling

TEST_CASE("router: a cancel reaches the server with the wire id, and the slot is free at once") {
  RouterWorld world;
  const auto wire_id = pass(world, request("\"a\""));
  world.client(cancelled("\"\\u0061\""));  // the same id by value
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
  world.client(cancelled("1.0"));
  CHECK(world.at_server() == Lines{cancelled(second)});
  world.client(cancelled(1));
  CHECK(world.at_server() == Lines{cancelled(first)});
}

TEST_CASE("router: a cancel that names no open request goes nowhere") {
  RouterWorld world;
  const auto wire_id = pass(world, request(5));
  const auto initialize = pass(world, request(6, "initialize"));
  CHECK(initialize > 0);
  world.client(cancelled("\"5\""));
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
}

// Requests of the server

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
  world.client(result("\"" + std::to_string(wire_id) + "\""));  // a string is another id
  world.client(result(wire_id + 1));
  world.client(result("null"));
  world.client(result("1"));
  CHECK(world.at_server().empty());
  CHECK(world.count(EventKind::answer_dropped) == 4);
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
    world.server(request(i, "ping"));
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
  CHECK(world.count(EventKind::cancel_dropped) == 3);
}

// Lines of the server

TEST_CASE("router: what is no message is noise and never reaches the client") {
  RouterWorld world;
  const auto noise = {"Server listening on stdio",
                      R"({"level":"info"})",
                      "{\"jsonrpc\":\"2.0\"",
                      R"({"jsonrpc":"2.0","result":{}})",
                      R"({"jsonrpc":"2.0","id":null,"method":"m"})",
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

TEST_CASE("router: an overlong answer ends its request if its beginning shows which") {
  RouterConfig config;
  config.max_line = 1000;
  RouterWorld world(config);
  const auto wire_id = pass(world, request(7));
  const auto other = pass(world, request(8));
  world.router.server_line({result(wire_id, "\"xxx").substr(0, 40), true}, world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31005, "7"));
  CHECK(lines[0].find("Response of more than 1000 bytes") != std::string::npos);
  world.router.server_line({"{\"result\":\"xxxx" + std::to_string(other), true}, world.now);
  world.router.server_line({"DEBUG " + std::to_string(other), true}, world.now);
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == 1);
  CHECK(world.count(EventKind::overlong_line) == 3);
}

// Limits

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

// Time

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
  CHECK(world.router.next_deadline() == start + 18s);
  world.advance(9s);
  world.server(progress);
  CHECK(world.router.next_deadline() == start + 25s);
  (void)world.at_client();
  world.advance(8s);
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

// Ends

TEST_CASE("router: when the server is gone every open request is told so, in order, once") {
  RouterWorld world;
  (void)pass(world, request(1));
  (void)pass(world, request("\"b\"", "subscriptions/listen"));
  const auto gone = server_exited_error({.status = 3}, "oops", true);
  world.router.end(Ending::server_gone, gone, server_exited_error({.status = 3}, "oops", false),
                   world.now);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 2);
  CHECK(is_gate_error(lines[0], -31003, "1"));
  CHECK(is_gate_error(lines[1], -31003, "\"b\""));
  CHECK(world.router.in_flight() == 0);
  CHECK(world.router.awaited() == 0);
}

TEST_CASE("router: after the end requests are refused and nothing is forwarded") {
  RouterWorld world;
  world.router.end(Ending::shutting_down, shutting_down_error(true), shutting_down_error(false),
                   world.now);
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
