#include "src/router/terminal.h"

#include <string>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("terminal: an escape sequence is whole with its last byte, whichever that is") {
  for (const std::string whole : {"\x1b[@", "\x1b[3~", "\x1b[?25l", "\x1b(0", "\x1b#~",
                                  "\x1b=", "\x1b]0;t\a", "\x1bPq\x1b\\", "\a", "\x7f"}) {
    INFO(whole);
    CHECK(decoration_before(whole + "x") == whole.size());
    CHECK(decoration_before("  " + whole + "{") == whole.size() + 2);
    CHECK(is_decoration(whole));
    CHECK_FALSE(is_decoration(whole + "x"));
  }
}

TEST_CASE("terminal: what has only begun is no escape sequence") {
  for (const char* begun :
       {"\x1b", "\x1b[", "\x1b[12", "\x1b(", "\x1b]0;t", "\x1b]0;t\x1b", "\x1b]0;t\x1b[0m"}) {
    INFO(begun);
    CHECK(decoration_before(begun) == 0);
    CHECK_FALSE(is_decoration(begun));
  }
}

TEST_CASE("terminal: before a carriage return all is written over") {
  CHECK(decoration_before("10%\r20%\r {") == 8);
  CHECK(decoration_before("\r{\r") == 1);
  CHECK(decoration_before("10% {") == 0);
  CHECK(is_decoration("  "));
  CHECK(is_decoration(""));
}

}  // namespace
}  // namespace stdiogate
