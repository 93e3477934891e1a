#include "src/json/index.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

// What Index relies on in simdjson's first stage. It is simdjson's inside: a version that does
// otherwise shall fail here, by name.
namespace stdiogate {
namespace {

using json::Index;
using Offsets = std::vector<std::uint32_t>;

/// The offsets of the tokens and of the last newline; empty if there is a fault.
Offsets offsets_of(Index& index, std::string_view lines) {
  const bool is_read = index.read(lines);
  CHECK(is_read == !index.offsets().empty());
  return {index.offsets().begin(), index.offsets().end()};
}

Offsets offsets_of(std::string_view lines) {
  Index index;
  return offsets_of(index, lines);
}

TEST_CASE("index: of a string its opening quote is indexed, and nothing else") {
  CHECK(offsets_of("{\"id\":\"a\"}\n") == Offsets{0, 1, 5, 6, 9, 10});
  CHECK(offsets_of(R"(["a,[]{}:\"1\\"])"
                   "\n") == Offsets{0, 1, 15, 16});
  CHECK(offsets_of("[\"\xc3\xa9\"]\n") == Offsets{0, 1, 5, 6});
}

TEST_CASE("index: numbers and literals are indexed where they begin, valid or not") {
  CHECK(offsets_of("[1,-2.5e3,true,nul,01]\n") ==
        Offsets{0, 1, 2, 3, 9, 10, 14, 15, 18, 19, 21, 22});
  CHECK(offsets_of("{\"a\":NaN}\n") == Offsets{0, 1, 4, 5, 8, 9});
}

TEST_CASE("index: a newline between values is white space, within a string a fault") {
  CHECK(offsets_of("{}\n\n[]\n") == Offsets{0, 1, 4, 5, 6});
  CHECK(offsets_of("{\"a\":1}\r\n{}\n") == Offsets{0, 1, 4, 5, 6, 9, 10, 11});
  CHECK(offsets_of("[\"a\nb\"]\n").empty());
  CHECK(offsets_of("[\"a]\n[b\"]\n").empty());
}

TEST_CASE("index: a control character within a string is a fault, outside it is a token") {
  CHECK(offsets_of("[\"\x01\"]\n").empty());
  CHECK(offsets_of("[\"\t\"]\n").empty());
  CHECK(offsets_of("[\x01]\n") == Offsets{0, 1, 2, 3});
}

TEST_CASE("index: a string that is not closed is a fault") {
  CHECK(offsets_of("{}\n[\"a]\n").empty());
  CHECK(offsets_of("[\"a\\\"]\n").empty());
}

TEST_CASE("index: bytes that are not UTF-8 are a fault, wherever they are") {
  for (const char* bytes :
       {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    for (const std::size_t before : {0U, 1U, 31U, 62U, 63U, 64U, 100U}) {
      const std::string blanks(before, ' ');
      CHECK(offsets_of(blanks + "[\"" + bytes + "\"]\n{}\n").empty());
      CHECK(offsets_of("{}\n" + blanks + bytes + "\n").empty());
    }
  }
}

TEST_CASE("index: as many lines as there is room for are accepted, all of them tokens") {
  const std::string brackets = std::string(Index::kMaxBytes - 1, '[') + '\n';
  const Offsets offsets = offsets_of(brackets);
  REQUIRE(offsets.size() == Index::kMaxBytes);
  for (std::uint32_t i = 0; i < offsets.size(); ++i)
    REQUIRE(offsets[i] == i);
  CHECK(offsets_of(brackets + '\n').empty());  // no more than that
}

TEST_CASE("index: of lines that do not fit the rest is read when it is asked for") {
  const std::string line = R"({"jsonrpc":"2.0","id":7,"result":{}})";
  const auto times = [&](std::size_t bytes) {
    std::string lines;
    while (lines.size() < bytes)
      lines += line + "\n";
    return lines;
  };
  const std::string giant = "[\"" + std::string(Index::kMaxBytes, 'x') + "\"]";
  for (const std::string& between : {std::string(), giant, std::string("[\"\x01\"]")}) {
    const std::string text =
        times(3 * Index::kMaxBytes) + between + "\n" + times(3 * Index::kMaxBytes);
    Index index;
    index.expect(text);
    std::size_t unknown = 0;
    std::size_t at = 0;
    for (std::size_t end; at < text.size(); at = end + 1) {
      end = text.find('\n', at);
      unknown += !index.has(std::string_view(text).substr(at, end - at));
    }
    // The line between, and what is in one piece with a fault.
    const std::size_t piece = Index::kMaxBytes / (line.size() + 1) + 1;
    CHECK(unknown >= 1);
    CHECK(unknown <= (between.size() == 5 ? piece : 1));
  }
}

TEST_CASE("index: a fault leaves nothing to clean up") {
  Index index;
  const std::string good = "{\"id\":7}\n";
  for (const char* bad : {"[\"a\n", "\xff\n", "[\"\x01\"]\n", "", "\"\\\n"}) {
    CHECK(offsets_of(index, bad).empty());
    CHECK_FALSE(index.has(good));
    CHECK(offsets_of(index, good) == Offsets{0, 1, 5, 6, 7, 8});
    CHECK(index.has(std::string_view(good).substr(0, 8)));
  }
}

TEST_CASE("index: nothing but blanks has no token") {
  CHECK(offsets_of("\n \n\t\r\n").size() <= 1);
}

}  // namespace
}  // namespace stdiogate
