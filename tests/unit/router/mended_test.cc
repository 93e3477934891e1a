// Lines of a server's that are messages once something is cut off or repaired.
#include <string>
#include <utility>

#include "src/limits.h"
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

std::string times(int n, std::string_view text) {
  std::string all;
  for (; n > 0; --n)
    all += text;
  return all;
}

TEST_CASE("flawed: what a terminal would show around a message is cut off as noise") {
  for (const std::string before : {"\x1b[0m", "\x1b]0;title\a", "\x1b]0;title\x1b\\", "10%\r100%\r",
                                   "\x1b[?25l\x1b[2K", "\a\b", "\x1b(B", " \x1b[2K  \x1b[1G",
                                   "\x1b"
                                   "7"}) {
    INFO(before);
    RouterWorld world;
    for (const auto& begin : {before, kMark + before, before + kMark}) {
      world.events.clear();
      world.server(begin + notification("n"));
      CHECK(world.at_client() == Lines{notification("n")});
      CHECK(world.count(EventKind::noise) == 1);
      CHECK(world.events.back().detail == before);
    }
    const auto wire_id = pass(world, request(1));
    world.server(before + kMark + result(wire_id, "\"\xff\"") + "\x1b[0m \x1b[K");
    CHECK(world.at_client() == Lines{result(1, "\"" + kBad + "\"")});
    CHECK(world.count_of_server(EventKind::line_repaired) == 1);
  }
  for (const std::string other : {"\x1b[", "\x1b]0;title", "\x1b[31mred\x1b[0m", "> ", "\x1b"}) {
    INFO(other);
    RouterWorld world;
    world.server(other + notification("n"));
    CHECK(world.at_client().empty());
    CHECK(world.count(EventKind::noise) == 1);
  }
}

TEST_CASE("flawed: other text before a message is cut off only if it answers an open request") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1));
  world.server("> " + request(5, "roots/list"));
  world.server("> " + result(wire_id + 1));
  CHECK(world.at_client().empty());
  world.server("{ {\"a\":1} loaded 3 tools: " + result(wire_id, R"({"a":{"b":1}})"));
  CHECK(world.at_client() == Lines{result(1, R"({"a":{"b":1}})")});
  CHECK(world.events[world.events.size() - 2].detail == "{ {\"a\":1} loaded 3 tools: ");
  const auto other = pass(world, request(2));
  world.server("\x1b[31mred\x1b[0m " + result(other));
  CHECK(world.at_client() == Lines{result(2)});
  for (const std::string& before :
       Lines{">", times(100, "{"), times(100, R"(loaded {"a":{"b":1}} )"),
             ">" + times(100, R"({"a":{"b":1}})")}) {
    const auto third = pass(world, request(3));
    world.server(before + result(third));
    CHECK(world.at_client() == Lines{result(3)});
  }
}

TEST_CASE("flawed: behind many cut objects no answer is looked for") {
  RouterWorld world;
  const auto wire_id = pass(world, request(1));
  world.server("> " + times(kAnswerTries, R"({"a )") + result(wire_id));
  CHECK(world.at_client().empty());
  world.server("> " + times(kAnswerTries - 1, R"({"a )") + result(wire_id));
  CHECK(world.at_client() == Lines{result(1)});
}

TEST_CASE("flawed: behind a cut print an answer is found whatever is in it") {
  for (const std::string cut : {R"(DEBUG {"jsonrpc":"2.0","meth)", R"(x {"a":[)", R"(x {")"}) {
    for (const std::string text : {"x", "if (x) { foo(); }", "]", "\\\"}", "{\\\"a\\\":1}"}) {
      for (const std::string behind : {"", "\x1b]0;title\a"}) {
        INFO(cut << text << behind);
        RouterWorld world;
        const auto wire_id = pass(world, request(1));
        world.server(cut + result(wire_id, '"' + text + '"') + behind);
        CHECK(world.at_client() == Lines{result(1, '"' + text + '"')});
      }
    }
  }
}

TEST_CASE("flawed: behind other text an answer is repaired, and what a terminal shows is cut off") {
  for (const std::string before : {"> ", "\x1b[32m> "}) {
    for (const std::string behind : {"", "\x1b[0m", "\x1b[K \r"}) {
      INFO(before << behind);
      RouterWorld world;
      const auto wire_id = pass(world, request(1));
      world.server(before + result(wire_id, "\"caf\xe9\"") + behind);
      CHECK(world.at_client() == Lines{result(1, "\"caf" + kBad + "\"")});
      CHECK(world.router.in_flight() == 0);
    }
  }
}

TEST_CASE("flawed: other text behind what a terminal would show, or within, is no message either") {
  for (const std::string& before :
       Lines{"\x1b[32m> ", "\x1b]0;t\a> ", R"({"level":30,"req":{"tool":"x"}})", R"([{"a":{}}])"}) {
    INFO(before);
    RouterWorld world;
    const auto wire_id = pass(world, request(1));
    world.server(before + result(wire_id));
    CHECK(world.at_client() == Lines{result(1)});
    world.server(before + request(5, "roots/list"));
    world.server(before + notification("n"));
    CHECK(world.at_client().empty());
  }
  for (const std::string& before : {kMark + "x", kMark + "\x01", kMark + kMark}) {
    INFO(before);
    RouterWorld world;
    CHECK(refusal(world, before + request(7)) == "-32700:");
    CHECK(world.at_server().empty());
  }
}

TEST_CASE("flawed: an answer in what is cut off ends its request, too") {
  RouterWorld world;
  const auto first = pass(world, request(1));
  const auto second = pass(world, request(2));
  world.server(result(first) + " done, next: " + result(second));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == result(2));
  CHECK(is_gate_error(lines[1], -31008, "1"));
  CHECK(world.router.in_flight() == 0);
  // Said twice, and whole the second time.
  const auto third = pass(world, request(3));
  world.server(result(third) + " sent: " + result(third));
  CHECK(world.at_client() == Lines{result(3)});
}

TEST_CASE("flawed: of several messages on one line each is judged by itself") {
  RouterWorld world;
  const auto first = pass(world, request(1));
  const auto second = pass(world, request(2));
  world.server("\x1b[0m" + result(first) + " " + notification("n") + result(second) + " \r");
  CHECK(world.at_client() == Lines{result(1), notification("n"), result(2)});
  CHECK(world.count(EventKind::noise) == 1);  // the terminal's
  const auto third = pass(world, request(3));
  const auto fourth = pass(world, request(4));
  const std::string cut = R"({"jsonrpc":"2.0","result":{"x":"}"},"id":)" + std::to_string(fourth);
  world.server(result(third, R"("}{\"")") + cut + ",");
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == result(3, R"("}{\"")"));
  CHECK(is_gate_error(lines[1], -31008, "4"));
  CHECK(world.router.in_flight() == 0);
  const auto fifth = pass(world, request(5));
  world.server(result(fifth) + R"({"level":"info"} and more)");
  CHECK(world.at_client() == Lines{result(5)});
}

TEST_CASE("flawed: of several messages on one line each is repaired by itself") {
  RouterWorld world;
  for (const bool is_first : {true, false}) {
    const auto flawed = pass(world, request(1));
    const auto plain = pass(world, request(2));
    const std::string bad = result(flawed, "\"\xff\"");
    world.server(is_first ? bad + result(plain) : result(plain) + bad);
    Lines told{result(1, "\"" + kBad + "\""), result(2)};
    if (!is_first) std::swap(told[0], told[1]);
    CHECK(world.at_client() == told);
    CHECK(world.router.in_flight() == 0);
  }
  CHECK(world.count_of_server(EventKind::line_repaired) == 2);
  CHECK(world.count(EventKind::noise) == 0);
}

}  // namespace
}  // namespace stdiogate
