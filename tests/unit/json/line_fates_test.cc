// Some hundred lines, each with its fate: passed unchanged, refused with which code, or noise. Each
// stands alone on a line and as the params of a request, in both directions.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/json_values.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using Lines = RouterWorld::Lines;

bool is_structure(const std::string& value) {
  const std::size_t first = value.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (value[first] == '{' || value[first] == '[');
}

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

TEST_CASE("fates: there are at least 300 lines, valid and invalid ones") {
  CHECK(valid_json_values().size() + invalid_json_values().size() >= 300);
  CHECK(valid_json_values().size() > 100);
  CHECK(invalid_json_values().size() > 100);
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

TEST_CASE("fates: valid params that are no structure are refused, or noise") {
  RouterWorld world;
  for (const std::string& value : valid_json_values()) {
    if (!fits_a_line(value) || is_structure(value)) continue;
    INFO(value);
    world.client(request("7", "m", value));
    const Lines lines = world.at_client();
    REQUIRE(lines.size() == 1);
    REQUIRE(is_gate_error(lines[0], -32600, "7"));
    const int noise = world.count(EventKind::noise);
    world.server(request("7", "m", value));
    REQUIRE(world.count(EventKind::noise) == noise + 1);
    REQUIRE(world.at_server().empty());
    REQUIRE(world.at_client().empty());
    check_next_is_served(world);
  }
}

TEST_CASE("fates: what is invalid inside a message is refused with -32700, or noise") {
  RouterWorld world;
  for (const std::string& value : invalid_json_values()) {
    if (!fits_a_line(value)) continue;
    INFO(value);
    for (const std::string& line : {request("7", "m", "[" + value + "]"),
                                    result("7", "[" + value + "]"), "[[" + value + "]]"}) {
      world.client(line);
      const Lines lines = world.at_client();
      REQUIRE(lines.size() == 1);
      REQUIRE(is_gate_error(lines[0], -32700, ""));
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

TEST_CASE("fates: a valid value alone on a line is no message, an array of none either") {
  RouterWorld world;
  for (const std::string& value : valid_json_values()) {
    if (!fits_a_line(value)) continue;
    INFO(value);
    world.client(value);
    const Lines lines = world.at_client();
    REQUIRE(lines.size() == 1);
    const bool gathered = lines[0][0] == '[';
    const std::string first = gathered ? lines[0].substr(1) : lines[0];
    REQUIRE(is_gate_error(first, -32600, ""));
    world.server(value);
    REQUIRE(world.at_server().empty());
    REQUIRE(world.at_client().empty());
    check_next_is_served(world);
  }
}

TEST_CASE("fates: an invalid value alone on a line is refused with -32700, or noise") {
  RouterWorld world;
  for (const std::string& value : invalid_json_values()) {
    const bool blank = value.find_first_not_of(" \t\r") == std::string::npos;
    if (!fits_a_line(value) || blank) continue;
    INFO(value);
    world.client(value);
    const Lines lines = world.at_client();
    REQUIRE(lines.size() == 1);
    REQUIRE(is_gate_error(lines[0], -32700, ""));
    world.server(value);
    REQUIRE(world.events.back().event.kind == EventKind::noise);
    REQUIRE(world.at_server().empty());
    REQUIRE(world.at_client().empty());
    check_next_is_served(world);
  }
}

}  // namespace
}  // namespace stdiogate
