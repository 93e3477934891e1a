#include "src/report/digits.h"

#include <string>

#include "tests/support/catch.h"

namespace {

using namespace stdiogate;

std::string number(std::uint64_t value) {
  char text[20];
  return {text, put_number(text, value)};
}

std::string six_digits(std::uint32_t value) {
  char text[6];
  return {text, put_six_digits(text, value)};
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

TEST_CASE("digits: six, with zeros in front") {
  CHECK(six_digits(0) == "000000");
  CHECK(six_digits(7) == "000007");
  CHECK(six_digits(1020) == "001020");
  CHECK(six_digits(100000) == "100000");
  CHECK(six_digits(999999) == "999999");
}
