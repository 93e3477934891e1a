// Lines beyond --max-line.
#include <string>
#include <vector>

#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using Lines = RouterWorld::Lines;

RouterConfig short_lines() {
  RouterConfig config;
  config.max_line = 1000;
  return config;
}

TEST_CASE("flawed: an overlong answer ends its request wherever the id is") {
  RouterWorld world(short_lines());
  const auto overlong = [&](const std::vector<std::string>& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      CHECK(world.at_client().empty());
      world.router.server_line({pieces[i], true, i + 1 == pieces.size()}, world.now);
    }
    return world.at_client();
  };
  for (const bool first : {true, false}) {
    const auto wire_id = std::to_string(pass(world, request(7)));
    const Lines lines =
        first ? overlong({R"({"jsonrpc":"2.0","id":)" + wire_id, R"(,"result":"x)", "xxx\"}"})
              : overlong(
                    {R"({"result":{"x":"\)", R"("}"},"jsonrpc":"2.0","i)", "d\":" + wire_id + "}"});
    REQUIRE(lines.size() == 1);
    CHECK(is_gate_error(lines[0], -31005, "7"));
    CHECK(lines[0].find("Response of more than 1000 bytes") != std::string::npos);
  }
  const auto wire_id = std::to_string(pass(world, request(8)));
  CHECK(overlong({"{\"result\":\"xxxx\",\"id\":" + wire_id}).empty());
  CHECK(overlong({"DEBUG ", R"({"result":"xxxx","id":)" + wire_id + "}"}).empty());
  CHECK(world.router.in_flight() == 1);
  CHECK(world.count(EventKind::overlong_line) == 4);
  world.server(result(wire_id));
  CHECK(world.at_client() == Lines{result(8)});
}

TEST_CASE("flawed: an overlong line of the client's is refused with its id, wherever that is") {
  RouterWorld world(short_lines());
  world.router.client_line({R"({"jsonrpc":"2.0","method":"m","params":"x)", true, false},
                           world.now);
  CHECK(world.at_client().empty());
  world.router.client_line({R"(xx","id":7})", true, true}, world.now);
  Lines lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -32600, "7"));
  CHECK(lines[0].find("longer than 1000 bytes") != std::string::npos);
  world.server(request("\"s\"", "roots/list"));
  const auto wire_id = std::to_string(wire_id_in(world.at_client().at(0)));
  world.router.client_line({R"({"result":"xx","id":)" + wire_id + "}", true}, world.now);
  lines = world.at_client();
  REQUIRE(lines.size() == 1);
  CHECK(is_gate_error(lines[0], -32600, ""));
  const Lines told = world.at_server();
  REQUIRE(told.size() == 1);
  CHECK(is_gate_error(told[0], -31008, "\"s\""));
}

}  // namespace
}  // namespace stdiogate
