#include "src/requests/held_lines.h"

#include <string>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

/// What is sent before that request.
std::string sent(HeldLines& lines, std::uint64_t request = UINT64_MAX) {
  LineWriter writer;
  lines.send_before(request, writer);
  return std::string(writer.bytes());
}

TEST_CASE("held lines: each goes in its place among the requests, once") {
  HeldLines lines(100);
  CHECK(lines.push("a", 0));
  CHECK(lines.push("b", 1));
  CHECK(lines.push("c", 1));
  CHECK(lines.push("d", 3));
  CHECK(sent(lines, 1) == "a\n");
  CHECK(sent(lines, 3) == "b\nc\n");
  CHECK(sent(lines, 3).empty());
  CHECK_FALSE(lines.empty());
  CHECK(sent(lines) == "d\n");
  CHECK(lines.empty());
}

TEST_CASE("held lines: what is sent or forgotten leaves its room") {
  HeldLines lines(10);
  CHECK(lines.push("123456", 0));
  CHECK_FALSE(lines.push("12345", 0));
  CHECK(lines.push("1234", 0));
  CHECK(sent(lines) == "123456\n1234\n");
  CHECK(lines.push("1234567890", 0));
  lines.clear();
  CHECK(lines.empty());
  CHECK(lines.push("1234567890", 0));
}

TEST_CASE("held lines: one put behind its request goes before later ones, once, and has room") {
  HeldLines lines(2);
  CHECK(lines.push("x", 2));
  CHECK(lines.push("y", 4));
  lines.insert("initialized", 2);
  lines.insert("initialized", 2);
  CHECK(sent(lines, 2).empty());
  CHECK(sent(lines) == "initialized\nx\ny\n");
  CHECK(lines.push("zz", 5));
}

}  // namespace
}  // namespace stdiogate
