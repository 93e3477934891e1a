#include "stdiogate/request_table.h"

#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

const Time kNow{std::chrono::hours(1)};
const Outcome kAnswered{.ending = Ending::answered};

/// A table and the outcomes its continuations were told of, as "id:ending".
struct World {
  explicit World(RequestTable::Limits limits) : table(limits) {}

  std::uint64_t open(std::string_view id, RequestTable::NewRequest request = {}, Time now = kNow) {
    request.id = id;
    return table.open(request, now, [this](const Request& done, const Outcome& outcome) {
      told.push_back(std::string(done.id()) + ":" +
                     std::to_string(static_cast<int>(outcome.ending)));
    });
  }

  RequestTable table;
  std::vector<std::string> told;
};

using Told = std::vector<std::string>;

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
  CHECK(world.table.open_in_reserve() == 2);
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
  CHECK(world.table.open_in_reserve() == 1);
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
