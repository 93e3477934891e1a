#include "src/report/digits.h"

#include <string>

#include "tests/support/catch.h"

namespace {

using namespace stdiogate;

std::string number(std::uint64_t value) {
  char text[20];
  return {text, put_number(text, value)};
}

std::string digits(std::uint64_t value, std::size_t count) {
  char text[20];
  return {text, put_digits(text, value, count)};
}

}  // namespace

TEST_CASE("digits: a number has as many as it needs") {
  std::uint64_t power = 1;
  for (int length = 1; length <= 20; ++length, power *= 10) {
    CHECK(number(power) == std::to_string(power));
    CHECK(number(power - 1) == std::to_string(power - 1));
    CHECK(number(7 * power + 1) == std::to_string(7 * power + 1));
  }
  CHECK(number(~std::uint64_t{0}) == "18446744073709551615");
}

TEST_CASE("digits: as many as are asked for") {
  CHECK(digits(0, 6) == "000000");
  CHECK(digits(1020, 6) == "001020");
  CHECK(digits(999999, 6) == "999999");
  CHECK(digits(42, 3) == "042");
  CHECK(digits(7, 1) == "7");
}
