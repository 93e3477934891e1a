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
  CHECK(quoted("\xc2\x80\xc2\x9f\xc2\xa0") == "\"\\u0080\\u009f\xc2\xa0\"");
  CHECK(quoted("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9") == "\"\xe2\x80\xa7\\u2028\\u2029\"");
}

TEST_CASE("json_text: what is printable is UTF-8 and has nothing that moves a cursor") {
  for (const char* text : {"", "plain", "caf\xc3\xa9", "\xc2\xa0", "\xe2\x80\xa7"})
    CHECK(is_printable(text));
  for (const char* text : {"a\tb", "\x7f", "\xc2\x9b", "\xe2\x80\xa8", "\xe2\x80\xa9", "caf\xe9"})
    CHECK_FALSE(is_printable(text));
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
  CHECK(unescaped(R"(\udc00\udc00)") == "\xed\xb0\x80\xed\xb0\x80");
  CHECK(unescaped(R"(\ud800\ue000)") == "\xed\xa0\x80\xee\x80\x80");
  CHECK(unescaped(R"(\u0041\udc00)") == "A\xed\xb0\x80");
  CHECK(unescaped(R"(\u0041xudc00)") == "Axudc00");
  CHECK(unescaped(R"(\u0000)") == std::string(1, '\0'));
  CHECK(unescaped(R"(\u007f\u0080\u07ff\u0800\uffff)") ==
        "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
  CHECK(unescaped(R"(\ud800\udc00\udbff\udfff)") == "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
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
