#include "src/json/quoting.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

std::string quoted(std::string_view bytes) {
  std::string out;
  append_quoted(out, bytes);
  return out;
}

TEST_CASE("json_text: what is quoted is a valid JSON string") {
  CHECK(quoted("") == R"("")");
  CHECK(quoted("plain \xc3\xa9 \xf0\x9f\x98\x80") == "\"plain \xc3\xa9 \xf0\x9f\x98\x80\"");
  CHECK(quoted("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(quoted("\n\r\t\b\x01\x7f") == R"("\n\r\t\u0008\u0001\u007f")");
  CHECK(quoted(std::string_view("\0", 1)) == R"("\u0000")");
}

TEST_CASE("json_text: each sequence that is not UTF-8 is replaced") {
  CHECK(quoted("a\xff"
               "b") == R"("a\ufffdb")");
  CHECK(quoted("\xc3") == R"("\ufffd")");                      // cut short
  CHECK(quoted("\xe2\x82") == R"("\ufffd")");                  // cut short
  CHECK(quoted("\xc0\xaf") == R"("\ufffd\ufffd")");            // overlong form
  CHECK(quoted("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")");  // a surrogate
  CHECK(quoted("\xf4\x90\x80\x80") == R"("\ufffd\ufffd\ufffd\ufffd")");
  CHECK(quoted("\xe0\x80\x80") == R"("\ufffd\ufffd\ufffd")");
  CHECK(quoted("\xf0\x80\x80\x80") == R"("\ufffd\ufffd\ufffd\ufffd")");
}

TEST_CASE("json_text: escapes are undone") {
  CHECK(unescaped("plain") == "plain");
  CHECK(unescaped(R"(a\"b\\c\/d\b\f\n\r\t)") == "a\"b\\c/d\b\f\n\r\t");
  CHECK(unescaped(R"(\u0041\u00e9\u20ac)") == "A\xc3\xa9\xe2\x82\xac");
  CHECK(unescaped(R"(\ud83d\ude00!)") == "\xf0\x9f\x98\x80!");
  CHECK(unescaped(R"(\ud83d)") == "\xed\xa0\xbd");
  CHECK(unescaped(R"(\ud83dx\ude00)") == "\xed\xa0\xbdx\xed\xb8\x80");
  CHECK(unescaped(R"(\ud83d\ud83d\ude00)") == "\xed\xa0\xbd\xf0\x9f\x98\x80");
  CHECK(unescaped(R"(\u0000)") == std::string(1, '\0'));
}

TEST_CASE("json_text: no more escapes are undone than are asked for, and none by half") {
  CHECK(unescaped("plain", 3) == "pla");
  CHECK(unescaped("plain", 0).empty());
  CHECK(unescaped(R"(ab\ncd)", 2) == "ab");
  CHECK(unescaped(R"(ab\ncd)", 3) == "ab\n");
  CHECK(unescaped(R"(ab\ncd)", 4) == "ab\nc");
  CHECK(unescaped(R"(a\ud83d\ude00b)", 2) == "a\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace stdiogate
