#include "stdiogate/line_reader.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

struct Cut {
  std::string bytes;
  bool overlong = false;
  bool ends = true;
  bool operator==(const Cut&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Cut& cut) {
  return out << (cut.overlong ? "overlong:" : "") << cut.bytes.substr(0, 100);
}

void take_all(LineReader& reader, std::vector<Cut>& lines) {
  while (const auto line = reader.next()) {
    if (lines.empty() || lines.back().ends) {
      lines.push_back({std::string(line->bytes), line->overlong, line->ends});
    } else {
      REQUIRE(line->overlong);
      lines.back().bytes += line->bytes;
      lines.back().ends = line->ends;
    }
  }
}

void put(LineReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = reader.room();
    const std::size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    reader.commit(n);
    bytes.remove_prefix(n);
  }
}

/// The lines of `text` when it comes in chunks of the given sizes, the last one repeated.
std::vector<Cut> lines_of(std::string_view text, std::size_t max_line,
                          std::vector<std::size_t> chunks = {1'000'000}) {
  LineReader reader(max_line);
  std::vector<Cut> lines;
  for (std::size_t i = 0; !text.empty(); ++i) {
    const std::size_t n = std::min(chunks[std::min(i, chunks.size() - 1)], text.size());
    put(reader, text.substr(0, n));
    text.remove_prefix(n);
    take_all(reader, lines);
  }
  reader.end();
  take_all(reader, lines);
  return lines;
}

using Lines = std::vector<Cut>;

TEST_CASE("line reader: says which lines are whole before they are taken") {
  LineReader reader(100);
  CHECK(reader.whole_lines().empty());
  put(reader, "one");
  CHECK(reader.whole_lines().empty());
  CHECK_FALSE(reader.next());
  put(reader, " and a half\ntwo\nth");
  CHECK(reader.whole_lines() == "one and a half\ntwo\n");
  CHECK(reader.next()->bytes == "one and a half");
  CHECK(reader.whole_lines() == "two\n");
  CHECK(reader.next()->bytes == "two");
  CHECK(reader.whole_lines().empty());
  CHECK_FALSE(reader.next());
  CHECK(reader.whole_lines().empty());
  put(reader, "ree\n");
  CHECK(reader.whole_lines() == "three\n");
}

TEST_CASE("line_reader: bytes up to a newline are a line") {
  CHECK(lines_of("one\ntwo\n", 100) == Lines{{"one"}, {"two"}});
}

TEST_CASE("line_reader: an empty line is a line") {
  CHECK(lines_of("\n\na\n\n", 100) == Lines{{""}, {""}, {"a"}, {""}});
}

TEST_CASE("line_reader: one carriage return before the newline is not part of the line") {
  CHECK(lines_of("a\r\nb\r\r\n\r\n\rc\n", 100) == Lines{{"a"}, {"b\r"}, {""}, {"\rc"}});
}

TEST_CASE("line_reader: what is left at the end is a line") {
  CHECK(lines_of("a\nlast", 100) == Lines{{"a"}, {"last"}});
  CHECK(lines_of("last\r", 100) == Lines{{"last"}});  // the end of the input ends a line, too
  CHECK(lines_of("12345\r", 5) == Lines{{"12345"}});
  CHECK(lines_of("a\n", 100) == Lines{{"a"}});
  CHECK(lines_of("", 100).empty());
}

TEST_CASE("line_reader: a NUL byte is a byte like others") {
  const std::string text("a\0b\n", 4);
  CHECK(lines_of(text, 100) == Lines{{std::string("a\0b", 3)}});
}

TEST_CASE("line_reader: a line may be as long as the limit, its newline not counted") {
  const Lines whole{{"12345"}, {"x"}};
  CHECK(lines_of("12345\nx\n", 5) == whole);
  CHECK(lines_of("12345\r\nx\n", 5) == whole);
}

TEST_CASE("line_reader: a longer one is overlong, and the next is whole") {
  CHECK(lines_of("123456\nx\n", 5) == Lines{{"123456", true}, {"x"}});
  CHECK(lines_of("12345\r\r\nx\n", 5) == Lines{{"12345\r", true}, {"x"}});
  CHECK(lines_of("123456", 5) == Lines{{"123456", true}});
  CHECK(lines_of("a\n123456789", 5) == Lines{{"a"}, {"123456789", true}});
}

TEST_CASE("line_reader: an overlong line comes in pieces, as they are read") {
  LineReader reader(5);
  put(reader, "12345");
  CHECK_FALSE(reader.next());
  put(reader, "\r");
  CHECK_FALSE(reader.next());  // "12345\r\n" would be a whole line
  const auto piece = [&]() -> Cut {
    const auto line = reader.next();
    if (!line) return {"none"};
    return {std::string(line->bytes), line->overlong, line->ends};
  };
  put(reader, "6");
  CHECK(piece() == Cut{"12345\r6", true, false});
  CHECK_FALSE(reader.next());
  put(reader, "7");
  CHECK(piece() == Cut{"7", true, false});
  put(reader, "89\nnext\n123456");
  CHECK(piece() == Cut{"89", true, true});
  CHECK(piece() == Cut{"next"});
  CHECK(piece() == Cut{"123456", true, false});
  CHECK_FALSE(reader.next());
  reader.end();
  CHECK(piece() == Cut{"", true, true});
  CHECK_FALSE(reader.next());
}

TEST_CASE("line_reader: how reads cut the bytes makes no difference, at any limit") {
  std::mt19937 random(3);
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (auto n = random() % 60; n > 0; --n)
      text += "ab\r\n\n"[random() % 5];
    const std::size_t max_line = 1 + random() % 8;
    const auto whole = lines_of(text, max_line);
    REQUIRE(lines_of(text, max_line, {1}) == whole);
    std::vector<std::size_t> chunks;
    for (int i = 0; i < 10; ++i)
      chunks.push_back(1 + random() % 9);
    REQUIRE(lines_of(text, max_line, chunks) == whole);
  }
}

TEST_CASE("line_reader: always offers room for a whole pipe") {
  LineReader reader(1 << 20);
  std::vector<Cut> lines;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(reader.room().size() >= LineReader::kChunk);
    put(reader, std::string(10'007, 'x'));
    if (i % 7 == 0) put(reader, "\n");
    take_all(reader, lines);
  }
}

TEST_CASE("line_reader: many small lines do not make the buffer grow") {
  LineReader reader(1 << 20);
  std::vector<Cut> lines;
  put(reader, "warm\n");
  take_all(reader, lines);
  const std::size_t before = reader.capacity();
  for (int i = 0; i < 10'000; ++i) {
    put(reader, "half a line, ");
    take_all(reader, lines);
    put(reader, "and the rest of it\nand the next, ");
    take_all(reader, lines);
  }
  CHECK(reader.capacity() == before);
}

TEST_CASE("line_reader: the memory of a giant goes back when it is done") {
  LineReader reader(64 << 20);
  std::vector<Cut> lines;
  const std::string giant(16 << 20, 'g');
  put(reader, giant);
  put(reader, "\n");
  CHECK(reader.capacity() <= 2 * giant.size() + 4 * LineReader::kChunk);
  take_all(reader, lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].bytes == giant);
  (void)reader.room();
  CHECK(reader.capacity() <= LineReader::kKept);
}

TEST_CASE("line_reader: an overlong line takes no more memory than the longest allowed one") {
  LineReader reader(1 << 20);
  std::vector<Cut> lines;
  for (int i = 0; i < 640; ++i) {
    put(reader, std::string(100'000, 'g'));
    take_all(reader, lines);
    REQUIRE(reader.capacity() <= 2 * (1 << 20) + 4 * LineReader::kChunk);
  }
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].overlong);
  CHECK(lines[0].bytes.size() == 64'000'000);
}

TEST_CASE("line_reader: it knows whether it is in a line") {
  LineReader reader(100);
  std::vector<Cut> lines;
  put(reader, "abc\ndef");
  take_all(reader, lines);
  CHECK(reader.is_in_line());
  put(reader, "\n");
  take_all(reader, lines);
  CHECK_FALSE(reader.is_in_line());
  put(reader, std::string(200, 'x'));  // an overlong one goes on
  take_all(reader, lines);
  CHECK(reader.is_in_line());
  CHECK(lines.size() == 3);
}

}  // namespace
}  // namespace stdiogate
