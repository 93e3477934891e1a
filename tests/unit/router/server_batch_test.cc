// Arrays of the server's.
#include <string>
#include <vector>

#include "stdiogate/router.h"

#include "tests/support/batch.h"
#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using Lines = RouterWorld::Lines;

TEST_CASE("router: each request in an array of the server's is forwarded or refused") {
  RouterWorld world;
  world.server(batch(std::vector<std::string>(1100, request("1", "roots/list"))));
  CHECK(world.at_client().size() == 256);
  CHECK(world.at_server().size() == 1100 - 256);
  CHECK(world.count(EventKind::noise) == 0);
}

TEST_CASE("router: the gate's own answers in a batch count as replies, the server's do not") {
  RouterWorld world;
  world.client(batch({request(1), "7"}));
  CHECK(world.client_writer().replies() == 0);
  world.server(result(wire_ids(world).at(0), '"' + std::string(1000, 'x') + '"'));
  CHECK(world.client_writer().replies() > 100);
  CHECK(world.client_writer().replies() < 300);
  (void)world.at_client();
  world.client("7");
  CHECK(world.client_writer().replies() == world.client_writer().size());
}

TEST_CASE("router: an array of the server's is taken apart, what is no message in it is noise") {
  RouterWorld world;
  const auto first = pass(world, request("\"a\""));
  const auto second = pass(world, request("\"b\""));
  world.server(batch({result(second), "7", notification("n"), "[]", result(first),
                      request("0", "ping"), result(99), batch({notification("n")})}));
  const Lines lines = world.at_client();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == result("\"b\""));
  CHECK(lines[1] == notification("n"));
  CHECK(lines[2] == result("\"a\""));
  CHECK(lines[3] == request(wire_id_in(lines[3]), "ping"));
  CHECK(world.count(EventKind::noise) == 3);
  CHECK(world.count(EventKind::answer_dropped) == 1);
}

}  // namespace
}  // namespace stdiogate
