#include <string>

#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using Lines = RouterWorld::Lines;
const std::string kMark = "\xef\xbb\xbf";
const std::string kBad = "\xef\xbf\xbd";

/// What the client is told of an invalid line, as CODE:ID.
std::string refusal(RouterWorld& world, std::string_view line) {
  world.client(line);
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  for (const int code : {-32700, -32600}) {
    for (const char* id : {"", "7", "\"x\"", "1.0", "\"caf\xef\xbf\xbd\""}) {
      if (is_gate_error(lines[0], code, id)) return std::to_string(code) + ":" + id;
    }
  }
  return lines[0];
}

TEST_CASE("flawed: blank lines of the client's are passed on, outside the count") {
  RouterWorld world;
  for (const char* line : {"", " ", "\t "})
    world.client(line);
  CHECK(world.at_server() == Lines{"", " ", "\t "});
  CHECK(world.at_client().empty());
  CHECK(world.events.empty());
  world.server("");
  world.server(" ");
  CHECK(world.at_client().empty());
  CHECK(world.events.empty());
}

TEST_CASE("flawed: null members are absent, and the line passes as it is") {
  RouterWorld world;
  const auto wire_id = pass(world, R"({"jsonrpc":"2.0","id":1,"method":"m","params":null})");
  const std::string answer =
      R"({"jsonrpc":"2.0","id":@,"method":null,"params":null,"result":{},"error":null})";
  const auto with_id = [&](const std::string& id) {
    std::string line = answer;
    return line.replace(line.find('@'), 1, id);
  };
  world.server(with_id(std::to_string(wire_id)));
  CHECK(world.at_client() == Lines{with_id("1")});
  CHECK_FALSE(world.events.back().event.is_error);
  const std::string note =
      R"({"jsonrpc":"2.0","id":null,"method":"notifications/message","params":null})";
  world.server(note);
  CHECK(world.at_client() == Lines{note});
  world.client(note);
  CHECK(world.at_server() == Lines{note});
}

TEST_CASE("flawed: a byte order mark at the beginning of a line is skipped, both ways") {
  RouterWorld world;
  world.client(kMark + request(1));
  const Lines sent = world.at_server();
  REQUIRE(sent.size() == 1);
  const auto wire_id = wire_id_in(sent[0]);
  CHECK(sent[0] == request(wire_id));
  world.server(kMark + result(wire_id));
  CHECK(world.at_client() == Lines{result(1)});
  CHECK(world.count(EventKind::noise) == 0);
  for (const char* blank : {"", " \t"}) {
    world.client(kMark + blank);
    CHECK(world.at_server() == Lines{blank});
    world.server(kMark + blank);
  }
  CHECK(world.at_client().empty());
  CHECK(world.count(EventKind::noise) == 0);
}

TEST_CASE("flawed: bytes that are not UTF-8 become U+FFFD, both ways, and the first is reported") {
  RouterWorld world;
  for (const bool first : {true, false}) {
    world.client(request("\"a\xff\"", "m", "[\"caf\xe9\"]"));
    const Lines sent = world.at_server();
    REQUIRE(sent.size() == 1);
    const auto wire_id = wire_id_in(sent[0]);
    CHECK(sent[0] == request(wire_id, "m", "[\"caf" + kBad + "\"]"));
    CHECK(world.events.front().event.kind == EventKind::line_repaired);
    CHECK(world.events.front().event.first == first);
    world.events.clear();
    world.server(result(wire_id, "[\"\xe2\x82\",\"\xc3\xa9\"]"));
    CHECK(world.at_client() ==
          Lines{result("\"a" + kBad + "\"", "[\"" + kBad + "\",\"\xc3\xa9\"]")});
    CHECK(world.events.front().event.kind == EventKind::line_repaired);
    CHECK(world.events.front().event.from_server);
    CHECK(world.events.front().event.first == first);
    world.events.clear();
  }
  world.server("[" + notification("n", "[\"\xff\"]") + "]");
  CHECK(world.at_client() == Lines{notification("n", "[\"" + kBad + "\"]")});
}

TEST_CASE("flawed: an error reply carries the id that stands before the fault") {
  RouterWorld world;
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"x":NaN}})") ==
        "-32700:7");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":"x","method":"m","params":{)") == "-32700:\"x\"");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":7)") == "-32700:");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":7])") == "-32700:7");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","method":"m","params":NaN,"id":7})") == "-32700:");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":7,"id":7,"method":"m",})") == "-32700:");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":7,"result":NaN})") == "-32700:");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":7,"x":NaN,"result":1})") == "-32700:");
  CHECK(refusal(world, kMark + R"({"id":7,"x":NaN})") == "-32700:7");
  CHECK(refusal(world, "{\"id\":\"caf\xe9\",\"x\":NaN}") == "-32700:\"caf" + kBad + "\"");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":7,"method":null})") == "-32600:7");
  CHECK(refusal(world, R"({"jsonrpc":"2.0","id":1.0,"method":"m","params":3})") == "-32600:1.0");
  CHECK(world.at_server().empty());
}

TEST_CASE(
    "flawed: the fault's offset counts from the line's first byte, a byte order mark as well") {
  RouterWorld world;
  world.client(kMark + "{x");
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\"offset\":4") != std::string::npos);
}

TEST_CASE("flawed: LSP's framing is named, once in the log, and the next line is served") {
  RouterWorld world;
  for (const bool first : {true, false}) {
    world.client(first ? "Content-Length: 52\r" : kMark + "content-length:");
    const Lines lines = world.at_client();
    REQUIRE(lines.size() == 1);
    CHECK(is_gate_error(lines[0], -32700, ""));
    CHECK(lines[0].find("Language Server Protocol") != std::string::npos);
    CHECK(world.events.back().event.kind == EventKind::foreign_framing);
    CHECK(world.events.back().event.first == first);
    CHECK_FALSE(world.events.back().event.from_server);
  }
  (void)pass(world, request(1));
  world.events.clear();
  for (const bool first : {true, false}) {
    world.server(first ? "content-length: 52" : kMark + "Content-Length: 52\r");
    CHECK(world.events[0].event.kind == EventKind::foreign_framing);
    CHECK(world.events[0].event.first == first);
    CHECK(world.events[0].event.from_server);
    CHECK(world.events[1].event.kind == EventKind::noise);
    CHECK_FALSE(world.events[1].event.first);
    world.events.clear();
  }
  CHECK(world.at_client().empty());
}

TEST_CASE("flawed: an answer that is not valid ends its request at once") {
  RouterWorld world;
  const auto check_ended = [&](const std::string& before, const std::string& behind,
                               std::string_view what) {
    const auto wire_id = pass(world, request(1));
    const std::string line = before + std::to_string(wire_id) + behind;
    INFO(line);
    world.server(line);
    const Lines lines = world.at_client();
    REQUIRE(lines.size() == 1);
    CHECK(is_gate_error(lines[0], -31008, "1"));
    CHECK(lines[0].find("The answer is not valid: " + std::string(what)) != std::string::npos);
    CHECK(world.events.back().event.kind == EventKind::noise);
    CHECK_FALSE(world.events.back().event.first);  // its beginning, a body, is not for the log
    CHECK(world.events.back().detail == line);
    CHECK(world.router.in_flight() == 0);
  };
  check_ended(R"({"jsonrpc":"2.0","id":)", R"(,"result":{"x":NaN}})", "expected a value");
  check_ended(R"({"jsonrpc":"2.0","result":Infinity,"id":)", "}", "expected a value");
  check_ended(R"({"jsonrpc":"2.0","id":)", ",\"result\":\"a\x01\"}", "a string holds a control");
  check_ended(R"({"id":)", R"(,"result":{}})", "it has no \\\"jsonrpc\\\"");
  check_ended(R"({"jsonrpc":"1.0","id":")", R"(","error":{}})", "it has no \\\"jsonrpc\\\"");
  check_ended(R"({"jsonrpc":"2.0","id":)", R"(,"result":1,"result":2})", "its \\\"result\\\"");
  check_ended(R"({"jsonrpc":"2.0","id":)", R"(,"result":{"text":"xx)", "it ends too early");
  check_ended("\x1b[0m{\"id\":", R"(,"result":{}})", "it has no \\\"jsonrpc\\\"");
  check_ended(R"({"jsonrpc":"2.0","id":)", R"(.0,"result":[1,]})", "expected a value");
  CHECK(world.count_of_server(EventKind::invalid_answer) == 9);
  CHECK(world.at_server().size() == 0);
}

TEST_CASE("flawed: an answer that is not valid ends nothing if it does not say which request") {
  RouterWorld world;
  const auto wire_id = std::to_string(pass(world, request(1)));
  for (const std::string& line :
       {R"({"jsonrpc":"2.0","id":)" + wire_id + R"(,"id":2,"result":NaN})",
        R"({"jsonrpc":"2.0","id":)" + wire_id + R"(,"method":"m","result":NaN})",
        R"({"jsonrpc":"2.0","id":)" + wire_id + "}",
        R"({"jsonrpc":"2.0","result":1,"id":)" + wire_id,
        R"([{"jsonrpc":"2.0","id":)" + wire_id + R"(,"result":NaN}])",
        R"({"x":{"jsonrpc":"2.0","id":)" + wire_id + R"(,"result":NaN}})",
        std::string(R"({"jsonrpc":"2.0","id":4711,"result":NaN})")})
    world.server(line);
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == 1);
  CHECK(world.count(EventKind::noise) == 7);
}

TEST_CASE("flawed: an element that is an invalid answer ends its request, too") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1));
  world.server(R"([{"id":)" + std::to_string(wire_id) + R"(,"result":1}])");
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -31008, "1"));
}

TEST_CASE("flawed: an invalid answer of the client's ends the server's request") {
  RouterWorld world;
  for (const std::string rest :
       {R"(,"result":NaN})", R"(,"result":{)", R"(,"result":1,"result":1})"}) {
    world.server(request("\"s\"", "roots/list"));
    const auto wire_id = wire_id_in(world.at_client().at(0));
    world.client(R"({"jsonrpc":"2.0","id":)" + std::to_string(wire_id) + rest);
    const Lines told = world.at_server();
    REQUIRE(told.size() == 1);
    CHECK(is_gate_error(told[0], -31008, "\"s\""));
    const Lines lines = world.at_client();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("\"id\"") == std::string::npos);
  }
  CHECK(world.count(EventKind::invalid_answer) == 3);
}

TEST_CASE("flawed: a request of ours that comes back is noise, and the first is named") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1, "tools/list"));
  for (const bool first : {true, false}) {
    world.events.clear();
    world.server(request(wire_id, "tools/list"));
    CHECK(world.at_client().empty());
    REQUIRE(world.events.size() == 2);
    CHECK(world.events[0].event.kind == EventKind::echo);
    CHECK(world.events[0].event.first == first);
    CHECK(world.events[1].event.kind == EventKind::noise);
    CHECK_FALSE(world.events[1].event.first);
  }
  world.server(request(wire_id, "roots/list"));  // another method: a request of its own
  CHECK(world.at_client().size() == 1);
  world.server(result(wire_id));
  CHECK(world.at_client() == Lines{result(1)});
  world.server(request(wire_id, "tools/list"));  // nothing is open under that number any more
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("flawed: a request is no echo if it only has no place among the methods, as ours") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1, std::string(300, 'a')));
  world.server(request(wire_id, std::string(300, 'b')));
  CHECK(world.count(EventKind::echo) == 0);
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("flawed: an empty array of a server's is noise") {
  RouterWorld world;
  world.server("[]");
  CHECK(world.at_client().empty());
  CHECK(world.count(EventKind::noise) == 1);
}

TEST_CASE("flawed: the first noise line of each server is marked") {
  RouterWorld world;
  world.server("one");
  CHECK(world.events.back().event.first);
  world.server("two");
  CHECK_FALSE(world.events.back().event.first);
  LineWriter writer;
  world.router.connect(1, writer, false, world.now);
  world.router.server_line({"three"}, world.now, 1);
  CHECK(world.events.back().event.first);
}

}  // namespace
}  // namespace stdiogate
