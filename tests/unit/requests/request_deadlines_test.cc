// The deadlines of a request table.

#include "tests/support/catch.h"
#include "tests/support/table_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using World = TableWorld;

TEST_CASE("request_table: requests are due in the order of their deadlines") {
  World world({.slots = 5});
  const auto slow = world.open("1", {.timeout = 10s});
  const auto quick = world.open("2", {.timeout = 2s}, kNow + 1s);
  (void)world.open("3");  // never due
  CHECK(world.table.next_deadline() == kNow + 3s);
  CHECK(world.table.due(kNow + 2s).empty());
  const auto due = world.table.due(kNow + 20s);
  REQUIRE(due.size() == 2);
  CHECK(due[0].wire_id == quick);
  CHECK(due[0].after == 2s);
  CHECK(due[1].wire_id == slow);
  CHECK(due[1].after == 10s);
}

TEST_CASE("request_table: a request that ends may leave a deadline, which wakes for nothing once") {
  World world({.slots = 5});
  (void)world.open("1", {.timeout = 10s});
  const auto quick = world.open("2", {.timeout = 2s});
  CHECK(world.table.complete(quick, kAnswered));
  CHECK(world.table.next_deadline() == kNow + 2s);
  CHECK(world.table.due(kNow + 2s).empty());
  CHECK(world.table.next_deadline() == kNow + 10s);
}

TEST_CASE("request_table: with the last request the last deadline has gone") {
  World world({.slots = 5});
  const auto only = world.open("1", {.timeout = 10s});
  CHECK(world.table.complete(only, kAnswered));
  CHECK_FALSE(world.table.next_deadline());
}

TEST_CASE("request_table: progress gives a request its whole timeout again, up to its maximum") {
  World world({.slots = 5});
  const auto wire_id = world.open("1", {.token = "\"t\"", .timeout = 5s, .max_timeout = 12s});
  CHECK(world.table.progress("\"t\"", kNow + 4s));
  CHECK(world.table.due(kNow + 8s).empty());
  CHECK(world.table.next_deadline() == kNow + 9s);
  CHECK(world.table.progress("\"t\"", kNow + 8s));
  CHECK(world.table.due(kNow + 11s).empty());
  CHECK(world.table.next_deadline() == kNow + 12s);  // not 13
  CHECK(world.table.progress("\"t\"", kNow + 11s));
  const auto due = world.table.due(kNow + 12s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].after == 12s);
  CHECK(due[0].wire_id == wire_id);
}

TEST_CASE("request_table: while a server is held only the maximum ends its requests") {
  World world({.slots = 5});
  const auto held = world.open("1", {.server = 1, .timeout = 5s, .max_timeout = 60s});
  const auto other = world.open("2", {.server = 2, .timeout = 6s, .max_timeout = 60s});
  world.table.hold(1);
  const auto late =
      world.open("3", {.token = "1", .server = 1, .timeout = 5s, .max_timeout = 30s}, kNow + 1s);
  CHECK(world.table.progress("1", kNow + 2s));
  auto due = world.table.due(kNow + 20s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].wire_id == other);
  CHECK(world.table.complete(other, kAnswered));
  due = world.table.due(kNow + 31s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].wire_id == late);
  CHECK(due[0].after == 30s);
  CHECK(world.table.complete(late, kAnswered));
  world.table.resume(1, kNow + 40s);
  CHECK(world.table.next_deadline() == kNow + 45s);
  due = world.table.due(kNow + 45s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].wire_id == held);
  CHECK(due[0].after == 5s);
}

TEST_CASE("request_table: a held request that goes on is bounded by its maximum") {
  World world({.slots = 5});
  (void)world.open("1", {.timeout = 5s, .max_timeout = 12s});
  world.table.hold(0);
  world.table.resume(0, kNow + 10s);
  CHECK(world.table.due(kNow + 11s).empty());
  CHECK(world.table.due(kNow + 12s).size() == 1);
}

TEST_CASE("request_table: progress under a token nobody asked for moves nothing") {
  World world({.slots = 5});
  (void)world.open("1", {.token = "1", .timeout = 5s, .max_timeout = 12s});
  (void)world.open("2", {.timeout = 5s, .max_timeout = 12s});
  CHECK_FALSE(world.table.progress("\"1\"", kNow + 4s));
  CHECK_FALSE(world.table.progress("2", kNow + 4s));
  CHECK(world.table.next_deadline() == kNow + 5s);
  CHECK_FALSE(world.table.progress("1.0", kNow + 4s));  // tokens are compared as ids are
  CHECK(world.table.progress("1", kNow + 4s));
}

TEST_CASE("request_table: a maximum below the timeout does not shorten it") {
  World world({.slots = 5});
  (void)world.open("1", {.token = "1", .timeout = 50s, .max_timeout = 12s});
  CHECK(world.table.next_deadline() == kNow + 50s);
  CHECK(world.table.progress("1", kNow + 10s));
  CHECK(world.table.next_deadline() == kNow + 50s);
}

TEST_CASE("request_table: a request that waits for ever is not given a deadline by progress") {
  World world({.slots = 5});
  (void)world.open("1", {.token = "1", .max_timeout = 12s});
  CHECK(world.table.progress("1", kNow + 10s));
  CHECK_FALSE(world.table.next_deadline());
}

TEST_CASE("request_table: requests that share a token make progress together, so many of them") {
  World world({.slots = 100});
  for (int i = 0; i < 100; ++i)
    (void)world.open("1", {.token = "1", .timeout = 5s, .max_timeout = 60s});
  CHECK(world.table.progress("1", kNow + 4s));
  CHECK(world.table.due(kNow + 5s).size() == 100 - RequestTable::kMaxSameToken);
}

}  // namespace
}  // namespace stdiogate
