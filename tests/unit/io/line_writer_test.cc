#include "stdiogate/line_writer.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

std::string waiting(const LineWriter& writer) {
  return std::string(writer.bytes());
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
      INFO(before << " bytes, then " << length);
      CHECK(waiting(writer) ==
            text.substr(0, before) + replacement + text.substr(before + 3) + "\n");
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

TEST_CASE("line_writer: what has been taken is gone, in steps of any size") {
  const std::string memory(70'000, 'm');
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    LineWriter writer;
    std::string expected;
    std::string begun;  // of the first line in `expected`
    for (int step = 0; step < 60; ++step) {
      const std::size_t length = random() % 3 == 0 ? 20'000 + random() % 40'000 : random() % 300;
      const std::string_view line = std::string_view(memory).substr(0, length);
      writer.append(line);
      expected += std::string(line) + "\n";
      const std::size_t taken = random() % (expected.size() + 1);
      writer.consume(taken);
      begun += expected.substr(0, taken);
      begun.erase(0, begun.rfind('\n') + 1);
      expected.erase(0, taken);
      REQUIRE(writer.size() == expected.size());
      REQUIRE(waiting(writer) == expected);
      REQUIRE(writer.unsent() == begun + expected);
    }
  }
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
  writer.append("r");
  writer.note_replies(2);
  CHECK(writer.replies() == 2);
  writer.append("reply");
  writer.note_replies(6);
  writer.clear();
  CHECK(writer.replies() == 0);
}

TEST_CASE("line_writer: replies are counted after the front has gone, too") {
  const std::string line(99'999, 'x');
  LineWriter writer;
  writer.append(line);
  writer.append(line);
  writer.note_replies(100'000);
  writer.consume(150'000);
  writer.append(line);  // makes room
  CHECK(writer.replies() == 50'000);
  writer.consume(50'000);
  CHECK(writer.replies() == 0);
}

TEST_CASE("line_writer: a giant takes no more room than it needs") {
  LineWriter writer;
  writer.append(std::string(1'000'000, 'g'));
  CHECK(writer.capacity() < 1'100'000);
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

TEST_CASE("line_writer: lines are taken back, except the one that has been begun") {
  LineWriter writer;
  CHECK(writer.take_back().empty());
  writer.append("one");
  writer.append("two");
  writer.append("three");
  writer.consume(1);
  CHECK(writer.take_back() == "two\nthree\n");
  CHECK(waiting(writer) == "ne\n");
  CHECK(writer.take_back().empty());
  writer.append("four");
  CHECK(waiting(writer) == "ne\nfour\n");
  writer.consume(2);
  CHECK(writer.take_back() == "four\n");
  writer.consume(1);
  CHECK(writer.empty());
}

TEST_CASE("line_writer: at a line's end all lines are taken back") {
  LineWriter writer;
  writer.append("one");
  writer.append("two");
  writer.consume(4);
  CHECK(writer.take_back() == "two\n");
  CHECK(writer.empty());
  writer.append("three");
  CHECK(waiting(writer) == "three\n");
  writer.consume(6);
  writer.append("four");
  CHECK(writer.take_back() == "four\n");
}

TEST_CASE("line_writer: what has been begun is known after the front has gone, too") {
  const std::string line(99'999, 'x');
  LineWriter writer;
  writer.append(line);
  writer.append(line);
  writer.consume(150'000);
  writer.append(line);  // makes room
  CHECK(writer.take_back() == line + "\n");
  CHECK(waiting(writer) == std::string(49'999, 'x') + "\n");
}

TEST_CASE("line_writer: a line is unsent until all of it has been taken") {
  LineWriter writer;
  CHECK(writer.unsent().empty());
  writer.append("one");
  writer.append("two");
  CHECK(writer.unsent() == "one\ntwo\n");
  writer.consume(1);
  CHECK(writer.unsent() == "one\ntwo\n");
  writer.consume(2);
  CHECK(writer.unsent() == "one\ntwo\n");
  writer.consume(1);
  CHECK(writer.unsent() == "two\n");
  writer.append("three");
  writer.consume(6);
  CHECK(writer.unsent() == "three\n");
  writer.append("four");
  CHECK(writer.take_back() == "four\n");
  CHECK(writer.unsent() == "three\n");
  writer.consume(4);
  CHECK(writer.unsent().empty());
  writer.append("five");
  writer.consume(1);
  writer.clear();
  CHECK(writer.unsent().empty());
  writer.append("six");
  CHECK(writer.unsent() == "six\n");
}

TEST_CASE("line_writer: replies that are taken back are not counted any more") {
  LineWriter writer;
  writer.append("one");
  writer.append("reply");
  writer.note_replies(6);
  writer.consume(4);
  CHECK(writer.take_back() == "reply\n");
  writer.append("more");
  CHECK(writer.replies() == 0);
  writer.append("r");
  writer.note_replies(2);
  CHECK(writer.replies() == 2);
  writer.consume(6);
  writer.append("x");
  CHECK(writer.take_back() == "x\n");
  CHECK(writer.replies() == 1);
}

}  // namespace
}  // namespace stdiogate
