// When nothing would be missed if the server ended.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/two_servers.h"

namespace stdiogate {
namespace {

using World = TwoServers;

std::string subscribe(std::string_view id, std::string_view uri, bool off = false) {
  return request(id, off ? "resources/unsubscribe" : "resources/subscribe",
                 R"({"uri":")" + std::string(uri) + R"("})");
}

TEST_CASE("router: is idle when nothing is open, subscribed to or announced") {
  World world;
  CHECK(world.router.is_idle());
  world.open_session();
  CHECK(world.router.is_idle());
  const auto wire_id = pass(world, request(1));
  CHECK_FALSE(world.router.is_idle());
  world.server(result(wire_id));
  world.server(request("1", "ping"));
  CHECK_FALSE(world.router.is_idle());
  world.client(result(wire_id_in(world.at_client().at(1))));
  (void)world.at_server();
  CHECK(world.router.is_idle());
  world.server(result(pass(world, subscribe("1", "u"))));
  CHECK_FALSE(world.router.is_idle());
  world.server(result(pass(world, subscribe("1", "u", true))));
  CHECK(world.router.is_idle());
  const auto listen = pass(world, request(1, "subscriptions/listen"));
  CHECK_FALSE(world.router.is_idle());
  world.server(result(listen));
  world.lose_first();
  CHECK(world.router.is_idle());
  world.client(request(9));
  CHECK_FALSE(world.router.is_idle());
}

TEST_CASE("router: a server that has announced tasks is never idle") {
  for (const char* capabilities :
       {R"({"tasks":{}})", R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"}) {
    World world;
    world.open_session(R"({"protocolVersion":"2025-11-25","capabilities":)" +
                       std::string(capabilities) + "}");
    CHECK_FALSE(world.router.is_idle());
    World era;
    era.server(result(pass(era, request(1, "server/discover")),
                      R"({"capabilities":)" + std::string(capabilities) + "}"));
    CHECK_FALSE(era.router.is_idle());
  }
}

}  // namespace
}  // namespace stdiogate
