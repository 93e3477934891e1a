#include "src/json/utf8.h"

#include <string>

#include "src/json/index.h"
#include "tests/support/catch.h"

namespace stdiogate {
namespace {

std::string repaired(std::string_view bytes) {
  std::string text;
  json::append_repaired(text, bytes);
  return text;
}

const std::string kBad = "\xef\xbf\xbd";

TEST_CASE("utf8: what is UTF-8 stays as it is") {
  for (const char* text :
       {"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "caf\xc3\xa9 \xf0\x9f\x98\x80"}) {
    INFO(text);
    CHECK(repaired(text) == text);
    CHECK(json::is_utf8(text));
  }
}

TEST_CASE("utf8: each maximal part of a character is one U+FFFD, each other byte as well") {
  CHECK(repaired("\xff") == kBad);
  CHECK(repaired("caf\xe9!") == "caf" + kBad + "!");
  CHECK(repaired("\x80\x80") == kBad + kBad);
  CHECK(repaired("\xc0\xaf") == kBad + kBad);
  CHECK(repaired("\xe2\x82") == kBad);
  CHECK(repaired("\xe2\x82\x41") == kBad + "A");
  CHECK(repaired("\xe0\x80\x80") == kBad + kBad + kBad);
  CHECK(repaired("\xed\xa0\x80") == kBad + kBad + kBad);  // a surrogate
  CHECK(repaired("\xf0\x9f\x98") == kBad);
  CHECK(repaired("\xf0\x9f\x98\xf0\x9f\x98\x80") == kBad + "\xf0\x9f\x98\x80");
  CHECK(repaired("\xf4\x90\x80\x80") == kBad + kBad + kBad + kBad);
  CHECK(repaired("\xf5\x80") == kBad + kBad);
  // Unicode 3.9, table 3-8
  CHECK(repaired("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64") ==
        "a" + kBad + kBad + kBad + "b" + kBad + "c" + kBad + kBad + "d");
}

TEST_CASE("utf8: a character that was cut at the end is left out") {
  CHECK(json::without_cut_character("caf\xc3") == "caf");
  CHECK(json::without_cut_character("caf\xc3\xa9") == "caf\xc3\xa9");
  CHECK(json::without_cut_character("\xf0\x9f\x98") == "");
  CHECK(json::without_cut_character("x\xe2\x80") == "x");
  CHECK(json::without_cut_character("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
  CHECK(json::without_cut_character("x\x80\x80\x80\x80") == "x\x80\x80\x80\x80");
  CHECK(json::without_cut_character("\xf0\x80\x80\x80\x80") == "\xf0\x80\x80\x80\x80");
  CHECK(json::without_cut_character("") == "");
}

}  // namespace
}  // namespace stdiogate
