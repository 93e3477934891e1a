// Progress: of requests that have ended, and of servers that take an id for a token.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

std::string asks(std::string_view id, std::string_view token) {
  return request(id, "m", R"({"_meta":{"progressToken":)" + std::string(token) + "}}");
}

std::string progress(std::string_view token) {
  return notification("notifications/progress",
                      R"({"progressToken":)" + std::string(token) + R"(,"progress":1})");
}

std::string progress(std::uint64_t token) {
  return progress(std::to_string(token));
}

TEST_CASE("router: progress of a request that timed out is dropped and counted") {
  RouterConfig config;
  config.timeout = 5s;
  RouterWorld world(config);
  (void)pass(world, asks("1", "\"t\""));
  world.advance(5s);
  (void)world.at_client();
  world.server(progress(R"("\u0074")"));
  CHECK(world.at_client().empty());
  CHECK(world.count(EventKind::notification_dropped) == 1);
}

TEST_CASE("router: progress of a request that was cancelled is dropped") {
  RouterWorld world;
  (void)pass(world, asks("1", "7"));
  world.client(cancelled("1"));
  world.server(progress("7"));
  CHECK(world.at_client().empty());
}

TEST_CASE("router: progress of an answered request passes: hosts know that race") {
  RouterWorld world;
  const auto wire_id = pass(world, asks("1", "7"));
  world.server(result(wire_id));
  (void)world.at_client();
  world.server(progress("7"));
  CHECK(world.at_client() == Lines{progress("7")});
}

TEST_CASE("router: a token that an open request gives again is live again") {
  RouterWorld world;
  (void)pass(world, asks("1", "7"));
  world.client(cancelled("1"));
  (void)world.at_server();
  (void)pass(world, asks("2", "7"));
  world.server(progress("7"));
  CHECK(world.at_client() == Lines{progress("7")});
}

TEST_CASE("router: the last 1024 tokens are remembered") {
  RouterWorld world;
  for (int i = 0; i < 1025; ++i) {
    (void)pass(world, asks("1", std::to_string(i)));
    world.client(cancelled("1"));
    (void)world.at_server();
  }
  world.server(progress("1"));
  CHECK(world.at_client().empty());
  world.server(progress("0"));
  CHECK(world.at_client().size() == 1);
}

TEST_CASE("router: a wire id taken for the token names the request as the client knows it") {
  RouterConfig config;
  config.timeout = 5s;
  RouterWorld world(config);
  const auto with_token = pass(world, asks("\"a\"", "\"t\""));
  const auto without = pass(world, request("\"b\""));
  world.advance(4s);
  world.server(progress(with_token));
  CHECK(world.at_client() == Lines{progress("\"t\"")});
  world.server(progress('"' + std::to_string(without) + '"'));
  CHECK(world.at_client() == Lines{progress("\"b\"")});
  world.advance(4s);  // and it has moved the deadlines
  CHECK(world.at_client().empty());
  world.advance(1s);
  CHECK(world.at_client().size() == 2);
  world.server(progress(with_token));
  world.server(progress("\"t\""));
  world.server(progress(without));
  world.server(progress('"' + std::to_string(without) + '"'));
  CHECK(world.at_client().empty());
}

TEST_CASE("router: a number that an open request gave as its token is that token, not an id") {
  RouterWorld world;
  const auto wire_id = pass(world, request("1"));
  (void)pass(world, asks("2", std::to_string(wire_id)));
  world.server(progress(wire_id));
  CHECK(world.at_client() == Lines{progress(wire_id)});
}

TEST_CASE("router: no progress is taken for that of a listen, or of a request of another server") {
  RouterWorld world;
  const auto listen = pass(world, request("1", "subscriptions/listen"));
  world.server(progress(listen));
  CHECK(world.at_client() == Lines{progress(listen)});
}

}  // namespace
}  // namespace stdiogate
