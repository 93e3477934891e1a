#include "stdiogate/request_id.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("request_id: ids are compared by value") {
  // Each group is one value in all its spellings; no value equals one of another group.
  const std::vector<std::vector<std::string>> groups = {
      {"0", "-0", "0.0", "0e5", "-0.000e-7", "0e99999999999999999999999"},
      {"1", "1.0", "1e0", "1E+0", "10e-1", "0.1e1", "0.001e3", "1.000"},
      {"-1", "-1.0", "-1e0", "-10e-1"},
      {"100", "1e2", "1E2", "100.0", "10.0e1", "1000e-1"},
      {"12345678901234567890", "12345678901234567890.0", "1234567890123456789e1"},
      {"12345678901234567891"},
      {"0.5", "5e-1", "0.50"},
      {"1e400", "10e399", "0.1e401"},
      {"1e401"},
      {"1" + std::string(39, '0'), "1e39"},
      {"-1" + std::string(39, '0'), "-1e39"},
      {"1" + std::string(40, '0'), "1e40"},
      {"-1" + std::string(40, '0'), "-1e40"},
      {"1e100000000000000000000", "1E100000000000000000000", "1e+100000000000000000000"},
      {"1e-400"},
      {"1e99999999999999999999"},
      {"1e99999999999999999998"},
      {"123456789012345678901234567890123456789012345678901234567890",
       "12345678901234567890123456789012345678901234567890123456789e1"},
      {"\"1\"", "\"\\u0031\""},
      {"\"1.0\""},
      {"\"a\"", "\"\\u0061\""},
      {"\"A\""},
      {"\"\""},
      {"\"a/b\"", "\"a\\/b\"", "\"a\\u002fb\"", "\"a\\u002Fb\""},
      {"\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\""},
      {"\"\\ud83d\""},
      {"\"\\ude00\\ud83d\""},
      {"\"\\n\"", "\"\\u000a\""},
      {"\"\\\\\"", "\"\\u005c\""},
      {"\"\xc3\xa9\"", "\"\\u00e9\""},
  };
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const auto& a : groups[i]) {
      for (std::size_t j = 0; j < groups.size(); ++j) {
        for (const auto& b : groups[j]) {
          INFO(a << " and " << b);
          CHECK(same_id(a, b) == (i == j));
          if (i == j) CHECK(hash_id(a, 42) == hash_id(b, 42));
        }
      }
    }
  }
}

TEST_CASE("request_id: ids that look alike do not share a hash, and the seed matters") {
  CHECK(hash_id("1", 42) != hash_id("2", 42));
  CHECK(hash_id("1", 42) != hash_id("\"1\"", 42));
  CHECK(hash_id("1", 42) != hash_id("1", 43));
  const std::string long_id = '"' + std::string(1000, 'x') + '"';
  std::string other = long_id;
  other[900] = 'y';
  CHECK(hash_id(long_id, 1) != hash_id(other, 1));
}

TEST_CASE("request_id: a whole number is known however it is spelled") {
  CHECK(whole_number("5", false) == 5);
  CHECK(whole_number("5.0", false) == 5);
  CHECK(whole_number("50e-1", false) == 5);
  CHECK(whole_number("0.5e1", false) == 5);
  CHECK(whole_number("0", false) == 0);
  CHECK(whole_number("100", false) == 100);
  CHECK(whole_number("9007199254740991", false) == 9007199254740991);
}

TEST_CASE("request_id: what is no whole number below 2^53 is none") {
  for (const char* id : {"5.5", "-5", "9007199254740992", "1e400", "1e-1", "18446744073709551621",
                         "1e99999999999999999999"}) {
    INFO(id);
    CHECK_FALSE(whole_number(id, true));
  }
}

TEST_CASE("request_id: a number in a string counts only where it is asked for") {
  CHECK_FALSE(whole_number("\"5\"", false));
  CHECK(whole_number("\"5\"", true) == 5);
  for (const char* id :
       {"\"\"", "\"5x\"", "\" 5\"", "\"x\"", "\"-5\"", "\"99999999999999999999\""}) {
    INFO(id);
    CHECK_FALSE(whole_number(id, true));
  }
}

}  // namespace
}  // namespace stdiogate
