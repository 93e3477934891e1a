#include "stdiogate/request_table.h"

#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/table_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using World = TableWorld;

TEST_CASE("request_table: a request is found under its wire id with all it was opened with") {
  World world({.slots = 3});
  const auto wire_id = world.open("\"a\"", {.token = "\"t\"", .method = 7}, kNow + 1s);
  REQUIRE(wire_id);
  CHECK(wire_id > 0);
  const Request* request = world.table.find(wire_id);
  REQUIRE(request);
  CHECK(request->id() == "\"a\"");
  CHECK(request->token() == "\"t\"");
  CHECK(request->method == 7);
  CHECK(request->start == kNow + 1s);
  CHECK(request->wire_id == wire_id);
  CHECK(world.table.open_count() == 1);
}

TEST_CASE("request_table: its continuation runs once, and its wire id is dead from then on") {
  World world({.slots = 3});
  const auto wire_id = world.open("1");
  CHECK(world.table.complete(wire_id, kAnswered));
  CHECK_FALSE(world.table.complete(wire_id, kAnswered));
  CHECK(world.table.find(wire_id) == nullptr);
  CHECK(world.told == Told{"1:0"});
  CHECK(world.table.open_count() == 0);
}

TEST_CASE("request_table: an id that is open already is seen when it is opened again") {
  World world({.slots = 4});
  const auto first = world.open("\"a\"");
  const auto again = world.open("\"\\u0061\"");
  const auto other = world.open("1");
  CHECK_FALSE(world.table.repeats_id(first));
  CHECK(world.table.repeats_id(again));
  CHECK_FALSE(world.table.repeats_id(other));
  CHECK(world.table.complete(first, kAnswered));
  CHECK_FALSE(world.table.repeats_id(again));
}

TEST_CASE("request_table: no number that was not given out completes anything") {
  World world({.slots = 3});
  const auto wire_id = world.open("1");
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1}, wire_id + 1, wire_id - 1, wire_id + 3, UINT64_MAX}) {
    CHECK_FALSE(world.table.complete(number, kAnswered));
    CHECK(world.table.find(number) == nullptr);
  }
  CHECK(world.told.empty());
}

TEST_CASE("request_table: when all slots are taken a request is not opened") {
  World world({.slots = 2});
  const auto first = world.open("1");
  CHECK(world.open("2"));
  CHECK_FALSE(world.open("3"));
  CHECK(world.table.complete(first, kAnswered));
  CHECK(world.open("3"));
  CHECK(world.told == Told{"1:0"});
}

TEST_CASE("request_table: a wire id is never used twice") {
  World world({.slots = 3});
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto wire_id = world.open("1");
    CHECK(seen.insert(wire_id).second);
    CHECK(world.table.complete(wire_id, kAnswered));
  }
}

TEST_CASE("request_table: the reserve is for those that may use it, and counts apart") {
  World world({.slots = 1, .reserve = 2});
  const RequestTable::NewRequest ping{.may_use_reserve = true};
  CHECK(world.open("1"));
  CHECK_FALSE(world.open("2"));
  const auto first_ping = world.open("3", ping);
  CHECK(world.open("4", ping));
  CHECK_FALSE(world.open("5", ping));  // the reserve is full, and the one slot is taken
  CHECK(world.table.open_count() == 3);
  CHECK(world.table.complete(first_ping, kAnswered));
  CHECK_FALSE(world.open("6"));  // a freed reserve slot is not for this one
  CHECK(world.open("7", ping));
}

TEST_CASE("request_table: what may use the reserve takes a common slot when the reserve is full") {
  World world({.slots = 1, .reserve = 1});
  const RequestTable::NewRequest ping{.may_use_reserve = true};
  CHECK(world.open("1", ping));
  CHECK(world.open("2", ping));
  CHECK_FALSE(world.open("3"));
  CHECK_FALSE(world.open("4", ping));
}

TEST_CASE("request_table: of several open requests with one id the newest is named") {
  World world({.slots = 5});
  const auto first = world.open("1");
  const auto second = world.open("1");
  (void)world.open("\"1\"");
  (void)world.open("1.0");
  REQUIRE(world.table.newest("1"));
  CHECK(world.table.newest("1")->wire_id == second);
  CHECK(world.table.complete(second, kAnswered));
  CHECK(world.table.newest("1")->wire_id == first);
  CHECK(world.table.complete(first, kAnswered));
  CHECK(world.table.newest("1") == nullptr);
  CHECK(world.table.newest("\"\\u0031\"") != nullptr);
}

TEST_CASE("request_table: the slot is free before the continuation runs, which may open again") {
  RequestTable table({.slots = 1});
  struct Again {
    RequestTable* table;
    std::uint64_t wire_id;
    std::string first_id;
  } again{&table, 0, {}};
  const auto wire_id =
      table.open({.id = "\"a very long id that needs memory of its own\""}, kNow,
                 [&again](const Request& done, const Outcome&) {
                   again.wire_id = again.table->open(
                       {.id = "\"another id that needs memory of its own too\""}, kNow, {});
                   again.first_id = done.id();
                 });
  CHECK(table.complete(wire_id, kAnswered));
  REQUIRE(again.wire_id != 0);
  CHECK(again.first_id == "\"a very long id that needs memory of its own\"");
  CHECK(table.find(again.wire_id)->id() == "\"another id that needs memory of its own too\"");
}

TEST_CASE("request_table: open requests are listed in the order they were opened") {
  World world({.slots = 3});
  const auto a = world.open("1");
  const auto b = world.open("2");
  CHECK(world.table.complete(a, kAnswered));
  const auto c = world.open("3");
  const auto d = world.open("4");
  CHECK(world.table.open_requests() == std::vector<std::uint64_t>{b, c, d});
}

TEST_CASE("request_table: tells a wire id that was open once from one that never was") {
  World world({.slots = 3});
  const auto wire_id = world.open("1");
  CHECK_FALSE(world.table.is_past(wire_id));
  CHECK(world.table.complete(wire_id, kAnswered));
  CHECK(world.table.is_past(wire_id));
  for (int i = 0; i < 3; ++i)
    (void)world.open("2");  // its place is taken again
  CHECK(world.table.is_past(wire_id));
  CHECK_FALSE(world.table.is_past(wire_id + 1));
  CHECK_FALSE(world.table.is_past(0));
  CHECK_FALSE(world.table.is_past(UINT64_MAX));
}

}  // namespace
}  // namespace stdiogate
