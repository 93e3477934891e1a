// Is the line JSON?
#include <string>

#include "stdiogate/message.h"

#include "tests/support/catch.h"
#include "tests/support/json_values.h"
#include "tests/support/message_kind.h"

namespace stdiogate {
namespace {

using Kind = MessageKind;

struct Fate {
  Kind kind;
  int code;  // 0 for valid lines
};

Fate fate(std::string_view line) {
  const auto judge = [](MessageParser& parser, std::string_view judged) -> Fate {
    const Message& message = parser.parse(judged);
    return {message.kind, message.kind == Kind::invalid ? message.fault.code : 0};
  };
  MessageParser parser;
  const Fate alone = judge(parser, line);
  const std::string lines = std::string(line) + "\n";
  parser.expect(lines);
  const Fate expected = judge(parser, std::string_view(lines).substr(0, line.size()));
  CHECK(alone.kind == expected.kind);
  CHECK(alone.code == expected.code);
  return alone;
}

bool starts_with_any(std::string_view text, std::string_view chars) {
  return chars.find(text[0]) != std::string_view::npos;
}

std::string shown(std::string_view line) {
  return std::string(line.substr(0, 200)) + (line.size() > 200 ? "..." : "");
}

TEST_CASE("message: every valid JSON value passes inside a request, whatever it is") {
  REQUIRE(valid_json_values().size() + invalid_json_values().size() >= 300);
  for (const std::string& value : valid_json_values()) {
    for (const auto& line : both_ways(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"x":)" +
                                      value + R"(,"y":0}})")) {
      INFO(shown(line));
      CHECK(fate(line).kind == Kind::request);
    }
  }
}

TEST_CASE("message: no invalid JSON value passes inside a request") {
  for (const std::string& value : invalid_json_values()) {
    for (const auto& line : both_ways(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"x":)" +
                                      value + R"(,"y":0}})")) {
      INFO(shown(line));
      CHECK(fate(line).code == -32700);
    }
  }
}

TEST_CASE("message: a valid JSON value is params if it is an object, an array or null") {
  for (const std::string& value : valid_json_values()) {
    for (const auto& line :
         both_ways(R"({"jsonrpc":"2.0","id":1,"method":"m","params":)" + value + "}")) {
      INFO(shown(line));
      if (starts_with_any(value, "{[n")) {
        CHECK(fate(line).kind == Kind::request);
      } else {
        CHECK(fate(line).code == -32600);
      }
    }
  }
}

TEST_CASE("message: a JSON value alone on a line is a batch if it is an array, else no message") {
  for (const std::string& value : valid_json_values()) {
    for (const auto& line : both_ways(value)) {
      INFO(shown(line));
      if (value[0] == '[') {
        CHECK(fate(line).kind == Kind::batch);
      } else {
        CHECK(fate(line).code == -32600);
      }
    }
  }
}

TEST_CASE("message: no invalid JSON value passes alone on a line") {
  for (const std::string& value : invalid_json_values()) {
    for (const auto& line : both_ways(value)) {
      INFO(shown(line));
      CHECK(fate(line).code == -32700);
    }
  }
}

TEST_CASE("message: every byte between two tokens but white space is an error") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    for (const std::string_view around :
         {"{~\"a\":1}", "{\"a\"~:1}", "{\"a\":~1}", "{\"a\":1~}", "{\"a\":\"\"~}", "~{\"a\":1}",
          "{\"a\":1}~", "[1~]", "[~]"}) {
      std::string text(around);
      text[text.find('~')] = c;
      for (const auto& line : both_ways(text)) {
        INFO("byte " << byte << " in " << around);
        if (space) {
          CHECK(fate(line).code != -32700);
        } else if (around == "{\"a\":1~}" || around == "[1~]" || around == "{\"a\":~1}") {
          // a digit makes it another number, a minus another sign
          const bool digit = c >= '0' && c <= '9';
          const bool first = around == "{\"a\":~1}";
          const bool number = first ? (digit && c != '0') || c == '-' : digit;
          CHECK((fate(line).code != -32700) == number);
        } else if (around == "[~]") {
          CHECK((fate(line).code != -32700) == (c >= '0' && c <= '9'));
        } else {
          CHECK(fate(line).code == -32700);
        }
      }
    }
  }
}

TEST_CASE("message: what a string may hold does not depend on where in it that stands") {
  for (std::size_t before = 0; before <= 150; ++before) {
    for (const std::size_t behind : {0UL, 1UL, 14UL, 15UL, 16UL, 17UL, 100UL}) {
      const auto string_with = [&](std::string_view text) {
        return '"' + std::string(before, 'x').append(text) + std::string(behind, 'y') + '"';
      };
      INFO(before << " bytes before it, " << behind << " behind it");
      for (const std::string_view good :
           {"z", "\\n", "\\\"", "\\\\", "\\u00e9", "\xc3\xa9", "\x7f", "\\\\\\u0000"}) {
        for (const auto& line : both_ways(string_with(good)))
          CHECK(fate(line).code == -32600);
      }
      for (const std::string_view bad :
           {"\n", "\x1f", "\"", "\\x", "\\u12", "\\\\\\", "\xff", "\xc3"}) {
        for (const auto& line : both_ways(string_with(bad)))
          CHECK(fate(line).code == -32700);
      }
    }
  }
}

TEST_CASE("message: 1024 levels are allowed, one more is not") {
  const auto nested = [](std::size_t levels) {
    return R"({"jsonrpc":"2.0","method":"m","params":)" + std::string(levels - 1, '[') +
           std::string(levels - 1, ']') + "}";
  };
  for (const auto& line : both_ways(nested(1024)))
    CHECK(fate(line).kind == Kind::notification);
  for (const auto& line : both_ways(nested(1025)))
    CHECK(fate(line).code == -32700);
  for (const auto& line : both_ways(nested(100'000)))
    CHECK(fate(line).code == -32700);
}

}  // namespace
}  // namespace stdiogate
