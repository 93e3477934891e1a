#include "stdiogate/slot_pool.h"

#include <deque>
#include <random>
#include <set>
#include <string>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("slot_pool: a handle finds what was put in") {
  SlotPool<std::string> pool(2);
  const Handle a = pool.acquire();
  *pool.get(a) = "a";
  const Handle b = pool.acquire();
  *pool.get(b) = "b";
  CHECK(*pool.get(a) == "a");
  CHECK(*pool.get(b) == "b");
  CHECK(pool.size() == 2);
}

TEST_CASE("slot_pool: when all places are taken the handle is null and names nothing") {
  SlotPool<int> pool(1);
  const Handle a = pool.acquire();
  REQUIRE(pool.full());
  const Handle none = pool.acquire();
  CHECK(none == Handle{});
  CHECK(pool.get(none) == nullptr);
  CHECK(pool.get(a) != nullptr);
  CHECK(pool.size() == 1);
}

TEST_CASE("slot_pool: a default handle names nothing even in a fresh pool") {
  SlotPool<int> pool(3);
  CHECK(pool.get(Handle{}) == nullptr);
  CHECK_FALSE(pool.release(Handle{}));
  for (std::uint32_t i = 3; i < 9; ++i)
    CHECK(pool.get(Handle{i, 1}) == nullptr);  // beyond it
}

TEST_CASE("slot_pool: a stale handle finds nobody although its place is taken again") {
  SlotPool<int> pool(1);
  const Handle first = pool.acquire();
  CHECK(pool.release(first));
  const Handle second = pool.acquire();
  REQUIRE(second.index == first.index);
  CHECK(pool.get(first) == nullptr);
  CHECK(pool.get(second) != nullptr);
}

TEST_CASE("slot_pool: releasing a stale handle leaves the new owner alone") {
  SlotPool<int> pool(1);
  const Handle first = pool.acquire();
  CHECK(pool.release(first));
  CHECK_FALSE(pool.release(first));
  const Handle second = pool.acquire();
  CHECK_FALSE(pool.release(first));
  CHECK(pool.get(second) != nullptr);
  CHECK(pool.size() == 1);
}

TEST_CASE("slot_pool: places are taken again in the order they were given back") {
  SlotPool<int> pool(3);
  const Handle a = pool.acquire();
  const Handle b = pool.acquire();
  const Handle c = pool.acquire();
  pool.release(b);
  pool.release(c);
  pool.release(a);
  CHECK(pool.acquire().index == b.index);
  CHECK(pool.acquire().index == c.index);
  CHECK(pool.acquire().index == a.index);
}

TEST_CASE("slot_pool: a number leads back to its handle and no number comes twice") {
  SlotPool<int> pool(3);
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 100; ++i) {
    const Handle handle = pool.acquire();
    const std::uint64_t number = pool.number(handle);
    CHECK(number > 0);
    CHECK(numbers.insert(number).second);
    CHECK(pool.handle(number) == handle);
    pool.release(handle);
    CHECK(pool.get(pool.handle(number)) == nullptr);
  }
  CHECK(pool.get(pool.handle(0)) == nullptr);
  CHECK(pool.get(pool.handle(UINT64_MAX)) == nullptr);
}

TEST_CASE("slot_pool: a number that was not given out names nothing, whatever the capacity") {
  for (const std::uint32_t capacity : {1U, 2U, 3U, 4U, 132U}) {
    SlotPool<int> pool(capacity);
    const std::uint64_t given = pool.number(pool.acquire());
    for (unsigned bit = 0; bit < 64; ++bit) {
      const std::uint64_t other = given ^ (std::uint64_t{1} << bit);
      INFO(capacity << " places, " << given << " and not " << other);
      CHECK(pool.get(pool.handle(other)) == nullptr);
    }
    CHECK(pool.get(pool.handle(given)) != nullptr);
  }
}

TEST_CASE("slot_pool: what is at an index is told, and that it is free") {
  SlotPool<int> pool(2);
  const Handle a = pool.acquire();
  CHECK(pool.at(a.index) == a);
  CHECK(pool.at(1 - a.index) == Handle{});
  pool.release(a);
  CHECK(pool.at(a.index) == Handle{});
}

TEST_CASE("slot_pool: a place is handed out as it was given back, memory and all") {
  SlotPool<std::string> pool(1);
  const Handle a = pool.acquire();
  pool.get(a)->assign(1000, 'x');
  const auto* memory = pool.get(a)->data();
  pool.release(a);
  const Handle b = pool.acquire();
  pool.get(b)->assign(900, 'y');
  CHECK(pool.get(b)->data() == memory);
}

TEST_CASE("slot_pool: behaves as a list of live handles would") {
  SlotPool<int> pool(5);
  std::deque<std::pair<Handle, int>> live;
  std::vector<Handle> dead;
  std::mt19937 random(7);
  for (int step = 0; step < 10'000; ++step) {
    if (random() % 2 == 0) {
      const Handle handle = pool.acquire();
      if (live.size() == 5) {
        REQUIRE(handle == Handle{});
      } else {
        *pool.get(handle) = step;
        live.emplace_back(handle, step);
      }
    } else if (!live.empty()) {
      const auto chosen = live.begin() + static_cast<std::ptrdiff_t>(random() % live.size());
      dead.push_back(chosen->first);
      REQUIRE(pool.release(chosen->first));
      live.erase(chosen);
    }
    REQUIRE(pool.size() == live.size());
    for (const auto& [handle, value] : live)
      REQUIRE(*pool.get(handle) == value);
    if (!dead.empty()) REQUIRE(pool.get(dead[random() % dead.size()]) == nullptr);
  }
}

}  // namespace
}  // namespace stdiogate
