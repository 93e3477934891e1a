// What the router does with some hundred values in a message, in both directions: it passes them
// unchanged, or refuses them. Which are valid is shown in message_json_test.cc.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/json_values.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using Lines = RouterWorld::Lines;

/// A newline would make two lines of it.
bool fits_a_line(const std::string& value) {
  return value.find('\n') == std::string::npos;
}

/// Both directions still serve.
void check_next_is_served(RouterWorld& world) {
  const auto wire_id = pass(world, request("\"next\""));
  world.server(result(wire_id));
  REQUIRE(world.at_client() == Lines{result("\"next\"")});
}

TEST_CASE("fates: what is valid passes unchanged inside a message, both ways") {
  RouterWorld world;
  for (const std::string& value : valid_json_values()) {
    if (!fits_a_line(value)) continue;
    INFO(value);
    const std::string inside = "{\"x\":[" + value + "]}";
    world.client(request("\"c\"", "m", inside));
    Lines lines = world.at_server();
    REQUIRE(lines.size() == 1);
    const auto wire_id = wire_id_in(lines[0]);
    REQUIRE(lines[0] == request(wire_id, "m", inside));
    world.server(result(wire_id, value));
    REQUIRE(world.at_client() == Lines{result("\"c\"", value)});
    world.server(request("\"s\"", "m", inside));
    lines = world.at_client();
    REQUIRE(lines.size() == 1);
    const auto back = wire_id_in(lines[0]);
    REQUIRE(lines[0] == request(back, "m", inside));
    world.client(result(back, value));
    REQUIRE(world.at_server() == Lines{result("\"s\"", value)});
  }
  CHECK(world.count(EventKind::noise) == 0);
  CHECK(world.count(EventKind::invalid_line) == 0);
}

/// Whether nothing is wrong with it but bytes that are not UTF-8.
bool is_repaired(const std::string& value) {
  MessageParser parser;
  const std::string array = "[" + value + "]";
  const Message& message = parser.parse(array);
  return message.fault.code == -32700 && !message.fault.offset;
}

TEST_CASE("fates: what is invalid inside a message is refused with -32700, or noise") {
  RouterWorld world;
  for (const std::string& value : invalid_json_values()) {
    if (!fits_a_line(value) || is_repaired(value)) continue;
    INFO(value);
    const std::pair<std::string, const char*> lines_and_ids[] = {
        {request("7", "m", "[" + value + "]"), "7"},
        {result("7", "[" + value + "]"), ""},
        {"[[" + value + "]]", ""}};
    for (const auto& [line, id] : lines_and_ids) {
      world.client(line);
      const Lines lines = world.at_client();
      REQUIRE(lines.size() == 1);
      REQUIRE(is_gate_error(lines[0], -32700, id));
      const int noise = world.count(EventKind::noise);
      world.server(line);
      REQUIRE(world.count(EventKind::noise) == noise + 1);
      REQUIRE(world.events.back().detail == line);
      REQUIRE(world.at_server().empty());
      REQUIRE(world.at_client().empty());
    }
    check_next_is_served(world);
  }
}

}  // namespace
}  // namespace stdiogate
