#include "stdiogate/request_id.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("request_id: numbers compare as written, strings after unescaping") {
  // Each group is one id in all its spellings; no id equals one of another group.
  const std::vector<std::vector<std::string>> groups = {
      {"0"},
      {"-0"},
      {"1"},
      {"1.0"},
      {"1e0"},
      {"1E0"},
      {"12345678901234567890"},
      {"12345678901234567891"},
      {"1e400"},
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
      {"\"\\\"\"", "\"\\u0022\""},
      {"\"\xc3\xa9\"", "\"\\u00e9\""},
  };
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const auto& a : groups[i]) {
      for (std::size_t j = 0; j < groups.size(); ++j) {
        for (const auto& b : groups[j]) {
          INFO(a << " and " << b);
          CHECK(same_id(a, b) == (i == j));
          if (i == j) CHECK(hash_id(a) == hash_id(b));
        }
      }
    }
  }
}

TEST_CASE("request_id: ids that look alike do not share a hash") {
  CHECK(hash_id("1") != hash_id("2"));
  CHECK(hash_id("1") != hash_id("\"1\""));
  const std::string long_id = '"' + std::string(1000, 'x') + '"';
  std::string other = long_id;
  other[900] = 'y';
  CHECK(hash_id(long_id) != hash_id(other));
}

TEST_CASE("request_id: a wire id is known however it is spelled") {
  for (const char* id : {"5", "5.0", "50e-1", "0.5e1", "5E+0", "\"5\"", "\"5.0\"", "\"\\u0035\""}) {
    INFO(id);
    CHECK(whole_number(id) == 5);
  }
  CHECK(whole_number("1.0") == 1);
  CHECK(whole_number("100") == 100);
  CHECK(whole_number("9007199254740991") == 9007199254740991);
  CHECK(whole_number("9007199254740991.0") == 9007199254740991);
}

TEST_CASE("request_id: what is no whole number from 1 to 2^53 - 1 is none") {
  for (const char* id : {"0",
                         "-0",
                         "0.0",
                         "5.5",
                         "-5",
                         "-5.0",
                         "9007199254740992",
                         "9007199254740992.0",
                         "1e400",
                         "1e-1",
                         "1e-400",
                         "18446744073709551621",
                         "1e99999999999999999999",
                         "\"\"",
                         "\"5x\"",
                         "\" 5\"",
                         "\"5 \"",
                         "\"x\"",
                         "\"-5\"",
                         "\"0x5\"",
                         "\"nan\"",
                         "\"inf\"",
                         "\"99999999999999999999\""}) {
    INFO(id);
    CHECK_FALSE(whole_number(id));
  }
}

}  // namespace
}  // namespace stdiogate
