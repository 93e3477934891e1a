#include "stdiogate/line_writer.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

std::string waiting(const LineWriter& writer) {
  std::array<std::string_view, 1000> pieces;
  std::string all;
  for (std::size_t i = 0, n = writer.pieces(pieces); i < n; ++i)
    all += pieces[i];
  return all;
}

std::size_t count(const LineWriter& writer) {
  std::array<std::string_view, 1000> pieces;
  return writer.pieces(pieces);
}

TEST_CASE("line_writer: what stands before an edit and instead may be of any length") {
  const std::string source(100, 's');
  for (std::size_t before = 0; before <= 40; ++before) {
    for (std::size_t length = 0; length <= 40; ++length) {
      std::string text = source;
      for (std::size_t i = 0; i < before; ++i)
        text[i] = static_cast<char>('a' + i % 26);
      std::string replacement;
      for (std::size_t i = 0; i < length; ++i)
        replacement += static_cast<char>('A' + i % 26);
      const Edit edit{.offset = before, .length = 3, .replacement = replacement};
      LineWriter writer;
      writer.append(text, {&edit, 1});
      std::string_view piece;
      REQUIRE(writer.pieces({&piece, 1}) == 1);
      INFO(before << " bytes, then " << length);
      CHECK(piece == text.substr(0, before) + replacement + text.substr(before + 3) + "\n");
    }
  }
}

TEST_CASE("line_writer: a line goes out as it came, with a newline") {
  LineWriter writer;
  CHECK(writer.empty());
  writer.append("abc");
  CHECK(writer.size() == 4);
  CHECK(waiting(writer) == "abc\n");
}

TEST_CASE("line_writer: edits change their places and nothing else") {
  LineWriter writer;
  const Edit edits[] = {{0, 1, "<<"}, {3, 2, ""}, {7, 0, "+"}, {8, 2, "END"}};
  writer.append("0123456789", edits);
  CHECK(waiting(writer) == "<<1256+7END\n");
}

TEST_CASE("line_writer: many small lines are one piece") {
  LineWriter writer;
  const Edit edit[] = {{1, 1, "xyz"}};
  for (int i = 0; i < 100; ++i)
    writer.append("small", edit);
  CHECK(count(writer) == 1);
}

TEST_CASE("line_writer: a large line that is lent is not copied") {
  const std::string memory(100'000, 'm');
  LineWriter writer;
  writer.lend(memory);
  const Edit edit[] = {{10, 1, "17"}};
  writer.append("before");
  writer.append(std::string_view(memory).substr(0, 50'000), edit);
  writer.append("after");
  std::array<std::string_view, 10> pieces;
  REQUIRE(writer.pieces(pieces) == 3);
  CHECK(pieces[0] == "before\n" + memory.substr(0, 10) + "17");
  CHECK(pieces[1].data() == memory.data() + 11);
  CHECK(pieces[1].size() == 49'989);
  CHECK(pieces[2] == "\nafter\n");
  CHECK(writer.capacity() < 1000);
}

TEST_CASE("line_writer: a large line that is not lent is copied") {
  LineWriter writer;
  std::string other(100'000, 'o');
  const std::string expected = other + "\n";
  writer.lend("something else");
  writer.append(other);
  other.assign(other.size(), '!');
  CHECK(waiting(writer) == expected);
}

TEST_CASE("line_writer: what has been taken is gone, in steps of any size") {
  const std::string memory(70'000, 'm');
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    LineWriter writer;
    writer.lend(memory);
    std::string expected;
    for (int step = 0; step < 60; ++step) {
      const std::size_t length = random() % 3 == 0 ? 20'000 + random() % 40'000 : random() % 300;
      const std::string_view line = std::string_view(memory).substr(0, length);
      writer.append(line);
      expected += std::string(line) + "\n";
      const std::size_t taken = random() % (expected.size() + 1);
      writer.consume(taken);
      expected.erase(0, taken);
      REQUIRE(writer.size() == expected.size());
      REQUIRE(waiting(writer) == expected);
    }
  }
}

TEST_CASE("line_writer: offers the first pieces when there are more than asked for") {
  const std::string memory(100'000, 'm');
  LineWriter writer;
  writer.lend(memory);
  for (int i = 0; i < 5; ++i)
    writer.append(memory);
  std::array<std::string_view, 3> pieces;
  REQUIRE(writer.pieces(pieces) == 3);
  CHECK(pieces[0].data() == memory.data());
  CHECK(pieces[1] == "\n");
  CHECK(pieces[2].data() == memory.data());
}

TEST_CASE("line_writer: a sink that always leaves something does not make it grow") {
  LineWriter writer;
  const std::string line(999, 'x');
  for (int i = 0; i < 50; ++i)
    writer.append(line);
  for (int i = 0; i < 100'000; ++i) {
    writer.append(line);
    writer.consume(1000);
  }
  CHECK(writer.size() == 50'000);
  CHECK(writer.capacity() < 1'000'000);
}

TEST_CASE("line_writer: the memory of a giant copy goes back when it has been taken") {
  LineWriter writer;
  writer.append(std::string(16 << 20, 'g'));
  writer.consume(writer.size());
  CHECK(writer.empty());
  CHECK(writer.capacity() <= LineWriter::kKept);
}

TEST_CASE("line_writer: what is lent and will not stay is copied, once it has to be") {
  std::string memory(3 * LineWriter::kReferred, 'm');
  LineWriter writer;
  writer.append("before");
  writer.lend(memory);
  writer.append(memory);
  writer.lend({});
  writer.append("after");
  const std::string other = "other memory";
  writer.keep(other);
  CHECK(writer.capacity() < 2 * LineWriter::kReferred);  // nothing of that is in here
  writer.consume(10);
  const std::string expected = memory.substr(3) + "\nafter\n";
  writer.keep(memory);
  memory.assign(memory.size(), 'x');
  std::array<std::string_view, 4> pieces;
  REQUIRE(writer.pieces(pieces) == 1);
  CHECK(pieces[0] == expected);
  writer.append("more");
  CHECK(writer.size() == expected.size() + 5);
}

TEST_CASE("line_writer: a large line may be given away, a small one is copied") {
  LineWriter writer;
  std::string large(2 * LineWriter::kReferred, 'l');
  writer.append_own(large);
  writer.append_own("small");
  writer.append_own(large);
  CHECK(writer.capacity() < LineWriter::kReferred);
  std::array<std::string_view, 4> pieces;
  REQUIRE(writer.pieces(pieces) == 3);
  CHECK(pieces[0] == large + "\n");
  CHECK(pieces[1] == "small\n");
  CHECK(pieces[2] == large + "\n");
  writer.consume(writer.size());
  CHECK(writer.empty());
}

TEST_CASE("line_writer: replies are counted until they have been taken") {
  LineWriter writer;
  writer.append(std::string(999, 'x'));
  CHECK(writer.replies() == 0);
  writer.append("reply");
  writer.note_replies(6);
  writer.append(std::string(999, 'x'));
  CHECK(writer.replies() == 6);
  writer.consume(1000);
  CHECK(writer.replies() == 6);
  writer.consume(4);
  CHECK(writer.replies() == 2);
  writer.consume(2);
  CHECK(writer.replies() == 0);
  writer.append("reply");
  writer.note_replies(6);
  writer.clear();
  CHECK(writer.replies() == 0);
}

TEST_CASE("line_writer: what is cleared is not offered any more") {
  LineWriter writer;
  writer.append("abc");
  writer.consume(2);
  writer.clear();
  CHECK(writer.empty());
  CHECK(waiting(writer).empty());
  writer.append("next");
  CHECK(waiting(writer) == "next\n");
}

}  // namespace
}  // namespace stdiogate
