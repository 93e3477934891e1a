// The requests that wait, without a router.
#include <string>
#include <vector>

#include "src/requests/waiting.h"
#include "tests/support/catch.h"

namespace stdiogate {
namespace {

constexpr Waiting::Timeouts kTimeouts{std::chrono::seconds(1), std::chrono::seconds(1)};

Request waiting_request(const std::string& id, std::uint64_t sequence) {
  return RequestTable::unsent({.id = id, .sequence = sequence}, "{}", Time{}, {});
}

TEST_CASE("waiting: what leaves moves no other: a cancel costs the same however many wait") {
  constexpr std::uint64_t kMany = 1000;
  Waiting waiting(1'000'000, kTimeouts);
  std::vector<const Request*> places;
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    REQUIRE(waiting.push(waiting_request(std::to_string(i), i), kMany));
    places.push_back(waiting.newest(std::to_string(i)));
  }
  for (std::uint64_t i = 2; i < kMany; i += 2)
    CHECK(waiting.take(*places[i - 1]).sequence == i);
  for (std::uint64_t i = 1; i <= kMany; i += 2)
    CHECK(waiting.newest(std::to_string(i)) == places[i - 1]);
  CHECK(waiting.newest("2") == nullptr);
}

TEST_CASE("waiting: of those with one id the newest is found, and each leaves by itself") {
  Waiting waiting(1'000'000, kTimeouts);
  for (std::uint64_t i = 1; i <= 3; ++i)
    REQUIRE(waiting.push(waiting_request("1", i), 3));
  CHECK(waiting.take(*waiting.newest("1")).sequence == 3);
  CHECK(waiting.take(*waiting.first()).sequence == 1);
  CHECK(waiting.newest("1")->sequence == 2);
  CHECK(waiting.take(*waiting.first()).sequence == 2);
  CHECK(waiting.newest("1") == nullptr);
  CHECK(waiting.size() == 0);
}

}  // namespace
}  // namespace stdiogate
