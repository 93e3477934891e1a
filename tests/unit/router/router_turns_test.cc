#include "tests/support/catch.h"
#include "tests/support/router_world.h"

// Whose turn it is when requests wait for a slot.
namespace stdiogate {
namespace {

using Lines = RouterWorld::Lines;

RouterConfig one_slot_and_a_queue() {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = 2;
  return config;
}

TEST_CASE("turns: an element of a batch does not overtake who waits for the slot it has freed") {
  RouterWorld world(one_slot_and_a_queue());
  world.client(request(1));
  world.client(request(2));  // waits
  REQUIRE(world.at_server().size() == 1);
  world.client("[" + cancelled("1") + "," + request(3) + "]");
  const Lines sent = world.at_server();
  REQUIRE(sent.size() == 2);  // the cancel, and who has waited
  world.server(result(wire_id_in(sent[1])));
  CHECK(world.at_client() == Lines{result(2)});
}

TEST_CASE("turns: initialize cannot be cancelled while it waits, either") {
  RouterWorld world(one_slot_and_a_queue());
  for (std::uint64_t i = 0; i <= Router::kReserve; ++i)
    world.client(request(100 + i, "ping"));
  const Lines sent = world.at_server();
  REQUIRE(sent.size() == Router::kReserve + 1);
  world.client(request(1, "initialize"));  // waits
  world.client(cancelled("1"));
  CHECK(world.count(EventKind::cancel_dropped) == 1);
  world.server(result(wire_id_in(sent[0])));
  const Lines later = world.at_server();
  REQUIRE(later.size() == 1);
  CHECK(later[0].find("initialize") != std::string::npos);
}

TEST_CASE("turns: progress under a token longer than a slot keeps moves no deadline") {
  for (const std::size_t length : {1022u, 1023u}) {
    RouterConfig config;
    config.timeout = std::chrono::seconds(10);
    RouterWorld world(config);
    const std::string token = '"' + std::string(length, 't') + '"';
    world.client(request("1", "m", R"({"_meta":{"progressToken":)" + token + "}}"));
    world.advance(std::chrono::seconds(5));
    const std::string progress =
        notification("notifications/progress", R"({"progressToken":)" + token + "}");
    world.server(progress);
    CHECK(world.at_client() == Lines{progress});
    world.advance(std::chrono::seconds(5));
    CHECK(world.at_client().size() == (length == 1022 ? 0 : 1));
  }
}

TEST_CASE("turns: a progress token that is no token is passed on") {
  for (const char* token : {"true", "null", "{}", R"(["e"])"}) {
    RouterWorld world;
    const std::string line =
        request("7", "m", R"({"_meta":{"progressToken":)" + std::string(token) + "}}");
    world.client(line);
    CHECK(world.at_server().size() == 1);
    CHECK(world.at_client().empty());
  }
}

}  // namespace
}  // namespace stdiogate
