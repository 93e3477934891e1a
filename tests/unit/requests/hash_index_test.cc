#include "stdiogate/hash_index.h"

#include <algorithm>
#include <list>
#include <random>
#include <vector>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

constexpr std::uint32_t kNone = HashIndex::kNone;

std::vector<std::uint32_t> all(const HashIndex& index, std::uint32_t hash) {
  std::vector<std::uint32_t> found;
  for (auto i = index.first(hash); i != kNone; i = index.after(i))
    found.push_back(i);
  return found;
}

TEST_CASE("hash_index: finds what was added, the last first") {
  HashIndex index(5);
  index.add(0, 42);
  index.add(3, 42);
  index.add(1, 42);
  CHECK(all(index, 42) == std::vector<std::uint32_t>{1, 3, 0});
  CHECK(all(index, 43).empty());
}

TEST_CASE("hash_index: what shares only a bucket is not found") {
  HashIndex index(4);
  index.add(0, 1);
  index.add(1, 5);
  index.add(2, 1);
  CHECK(all(index, 1) == std::vector<std::uint32_t>{2, 0});
  CHECK(all(index, 5) == std::vector<std::uint32_t>{1});
}

TEST_CASE("hash_index: behaves as a list searched from its front would") {
  constexpr std::uint32_t kCapacity = 13;
  HashIndex index(kCapacity);
  std::list<std::pair<std::uint32_t, std::uint32_t>> model;  // index and hash, the last first
  std::mt19937 random(2);
  for (int step = 0; step < 20'000; ++step) {
    const auto i = static_cast<std::uint32_t>(random() % kCapacity);
    const auto at = std::find_if(model.begin(), model.end(), [&](auto& e) { return e.first == i; });
    if (at == model.end()) {
      const auto hash = static_cast<std::uint32_t>(random() % 40);
      index.add(i, hash);
      model.emplace_front(i, hash);
    } else {
      index.remove(i);
      model.erase(at);
    }
    const auto hash = static_cast<std::uint32_t>(random() % 40);
    std::vector<std::uint32_t> expected;
    for (const auto& [other, its_hash] : model) {
      if (its_hash == hash) expected.push_back(other);
    }
    REQUIRE(all(index, hash) == expected);
  }
}

}  // namespace
}  // namespace stdiogate
