#include "stdiogate/message.h"

#include <string>
#include <vector>

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

TEST_CASE("message: what is wrong is told, and where") {
  MessageParser parser;
  const Message& message = parser.parse(R"({"jsonrpc":"2.0","id":1,"method":tru})");
  REQUIRE(message.kind == Kind::invalid);
  CHECK(message.fault.what == "expected a value");
  CHECK(message.fault.offset == 33);
}

struct Example {
  const char* line;
  Kind kind;
  std::string_view id;
};

TEST_CASE("message: the kind follows from method, id, result and error") {
  const Example examples[] = {
      {R"({"jsonrpc":"2.0","id":1,"method":"m"})", Kind::request, "1"},
      {R"({"method":"m","id":"x","jsonrpc":"2.0"})", Kind::request, "\"x\""},
      {R"( { "jsonrpc" : "2.0" , "id" : 1.50 , "method" : "m" } )", Kind::request, "1.50"},
      {R"({"jsonrpc":"2.0","method":"m"})", Kind::notification, ""},
      {R"({"jsonrpc":"2.0","method":"m","params":{}})", Kind::notification, ""},
      {R"({"jsonrpc":"2.0","method":"m","params":[]})", Kind::notification, ""},
      {R"({"jsonrpc":"2.0","id":1,"result":{}})", Kind::response, "1"},
      {R"({"jsonrpc":"2.0","id":1,"result":null})", Kind::response, "1"},
      {R"({"jsonrpc":"2.0","id":1,"error":{}})", Kind::response, "1"},
      {R"({"jsonrpc":"2.0","id":1,"result":1,"error":2})", Kind::response, "1"},
      {R"({"jsonrpc":"2.0","error":{}})", Kind::response, ""},
      {R"({"jsonrpc":"2.0","id":null,"error":{}})", Kind::response, "null"},
      {R"({"jsonrpc":"2.0","id":{"a":[1]},"result":{}})", Kind::response, R"({"a":[1]})"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","result":1})", Kind::request, "1"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","trace":[1,{}],"x":"y"})", Kind::request, "1"},
      {R"({"\u006asonrpc":"2\u002e0","\u0069d":7,"\u006dethod":"m"})", Kind::request, "7"},
      // null is absence where a peer writes every member it has.
      {R"({"jsonrpc":"2.0","id":null,"method":"m"})", Kind::notification, ""},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":null})", Kind::request, "1"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":null,"result":null,"error":null})",
       Kind::request, "1"},
      {R"({"jsonrpc":"2.0","id":1,"method":null,"params":null,"result":{},"error":null})",
       Kind::response, "1"},
      {R"({"jsonrpc":"2.0","id":1,"result":null,"error":{}})", Kind::response, "1"},
      {R"({"jsonrpc":"2.0","id":null,"method":null,"error":{}})", Kind::response, "null"},
      {R"([])", Kind::batch, ""},
      {R"([{"jsonrpc":"2.0","id":1,"method":"m"}])", Kind::batch, ""},
  };
  MessageParser parser;
  for (const Example& example : examples) {
    for (const auto& line : both_ways(example.line)) {
      INFO(example.line);
      const Message& message = parser.parse(line);
      CHECK(message.kind == example.kind);
      CHECK(message.id == example.id);
    }
  }
}

TEST_CASE("message: an error that is null is none beside a result") {
  MessageParser parser;
  const auto has_error = [&](std::string_view members) {
    const std::string line = R"({"jsonrpc":"2.0","id":1,)" + std::string(members) + "}";
    const Message& message = parser.parse(line);
    CHECK(message.kind == Kind::response);
    return message.has_error;
  };
  CHECK_FALSE(has_error(R"("result":{},"error":null)"));
  CHECK_FALSE(has_error(R"("error":null,"method":null,"result":null)"));
  CHECK(has_error(R"("error":{},"result":null)"));
  CHECK(has_error(R"("error":{},"result":{})"));
  CHECK(has_error(R"("error":null)"));
}

TEST_CASE("message: ids of every valid form are kept as they are written") {
  MessageParser parser;
  for (const std::string id :
       {"0", "-0", "-7", "1.0", "1e3", "12345678901234567890", "1e400", "\"\"", "\"1\"",
        R"("a\"b\\c\u00e9\ud83d")", "\"\xc3\xa9\"", "\"{\\\"id\\\":1}\""}) {
    for (const auto& line : both_ways(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"m"})")) {
      const Message& message = parser.parse(line);
      CHECK(message.kind == Kind::request);
      CHECK(message.id == id);
      CHECK(message.id.data() >= line.data());  // a place in the line, not a copy
      CHECK(message.id.data() < line.data() + line.size());
    }
  }
}

TEST_CASE("message: an invalid message is told from one that is no JSON, and keeps a usable id") {
  const std::string longest = '"' + std::string(1022, 'i') + '"';
  const std::string too_long = '"' + std::string(1023, 'i') + '"';
  const Example examples[] = {
      {R"({"id":1,"method":"m"})", Kind::invalid, "1"},
      {R"({"jsonrpc":"1.0","id":1,"method":"m"})", Kind::invalid, "1"},
      {R"({"jsonrpc":"2","id":1,"method":"m"})", Kind::invalid, "1"},
      {R"({"jsonrpc":2.0,"id":1,"method":"m"})", Kind::invalid, "1"},
      {R"({"jsonrpc":"2.0","id":1})", Kind::invalid, "1"},
      {R"({"jsonrpc":"2.0"})", Kind::invalid, ""},
      {R"({})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","id":"a","method":7})", Kind::invalid, "\"a\""},
      {R"({"jsonrpc":"2.0","id":1,"method":null})", Kind::invalid, "1"},
      {R"({"jsonrpc":"2.0","id":true,"method":"m"})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","id":{},"method":"m"})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","id":[1],"method":"m"})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":"x"})", Kind::invalid, "1"},
      {R"({"jsonrpc":"2.0","method":"m","params":3})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","id":1,"id":1,"method":"m"})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"m"})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"m"})", Kind::invalid, "1"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","meth\u006fd":"n"})", Kind::invalid, "1"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":{},"params":{}})", Kind::invalid, "1"},
      // What answers is not answered: no id, lest it be taken for another request's outcome.
      {R"({"jsonrpc":"2.0","id":1,"result":{},"result":{}})", Kind::invalid, ""},
      {R"({"jsonrpc":"2.0","id":1,"error":{},"err\u006fr":{}})", Kind::invalid, ""},
      {R"({"id":1,"result":{}})", Kind::invalid, ""},
  };
  MessageParser parser;
  for (const Example& example : examples) {
    for (const auto& line : both_ways(example.line)) {
      INFO(example.line);
      const Message& message = parser.parse(line);
      CHECK(message.kind == example.kind);
      CHECK(message.fault.code == -32600);
      CHECK_FALSE(message.fault.what.empty());
      CHECK(message.id == example.id);
    }
  }
  const auto request = [](const std::string& id) {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"m"})";
  };
  CHECK(fate(request(longest)).kind == Kind::request);
  CHECK(fate(request(too_long)).code == -32600);
  const std::string line = request(too_long);
  CHECK(parser.parse(line).id.empty());
  const std::string no_version = R"({"id":)" + longest + R"(,"method":"m"})";
  CHECK(parser.parse(no_version).id == longest);
}

TEST_CASE("message: a member further in is not one of the message") {
  MessageParser parser;
  const std::string_view line =
      R"({"jsonrpc":"2.0","params":{"id":9,"method":"x","jsonrpc":"1","x":{"id":8}},"id":7,"method":"m"})";
  const Message& message = parser.parse(line);
  CHECK(message.kind == Kind::request);
  CHECK(message.id == "7");
  CHECK(message.method == "m");
}

TEST_CASE("message: method and name are given unescaped") {
  MessageParser parser;
  const std::string_view line =
      R"({"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"name":"a\u0062c"}})";
  const Message& message = parser.parse(line);
  CHECK(message.method == "tools/call");
  CHECK(message.name == "abc");
  const std::string_view other =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}})";
  CHECK(parser.parse(other).name.empty());
}

TEST_CASE("message: the ids and tokens that hide in params are found where they belong") {
  MessageParser parser;
  const Message& cancelled = parser.parse(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"x":{"requestId":1},"requestId":"r","reason":"no"}})");
  CHECK(cancelled.request_id == "\"r\"");
  const Message& cancel_request =
      parser.parse(R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":5}})");
  CHECK(cancel_request.params_id == "5");
  const Message& progress = parser.parse(
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1.5,"progress":1}})");
  CHECK(progress.progress_token == "1.5");
  const Message& request = parser.parse(
      R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken":"t"},"progressToken":"u"}})");
  CHECK(request.requested_token == "\"t\"");
  const Message& escaped = parser.parse(
      R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"\u005fmeta":{"progress\u0054oken":3}}})");
  CHECK(escaped.requested_token == "3");
  const Message& elsewhere = parser.parse(
      R"({"jsonrpc":"2.0","id":1,"method":"m","_meta":{"progressToken":1},"params":{"x":{"_meta":{"progressToken":2}}}})");
  CHECK(elsewhere.requested_token.empty());
}

TEST_CASE("message: a subscription id is found in params or result, if it is looked for") {
  constexpr std::string_view kNotification =
      R"({"jsonrpc":"2.0","method":"n","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"listen:0"}}})";
  constexpr std::string_view kResult =
      R"({"jsonrpc":"2.0","id":4,"result":{"_meta":{"x":{},"io.modelcontextprotocol\/subscriptionId":4}}})";
  MessageParser parser;
  CHECK(parser.parse(kNotification, true).subscription_id == "\"listen:0\"");
  CHECK(parser.parse(kResult, true).subscription_id == "4");
  CHECK(parser.parse(kResult, false).subscription_id.empty());
}

TEST_CASE("message: a result that is a tool's error is told, if it is looked for") {
  MessageParser parser;
  const auto is_tool_error = [&](const std::string& members, bool results = true) {
    return parser.parse(R"({"jsonrpc":"2.0","id":1,)" + members + "}", results).is_tool_error;
  };
  CHECK(is_tool_error(R"("result":{"content":[],"isError":true})"));
  CHECK(is_tool_error(R"("result":{"is\u0045rror" : true })"));
  CHECK(is_tool_error(R"("result":{"isError":false,"isError":true})"));
  CHECK_FALSE(is_tool_error(R"("result":{"isError":true})", false));
  CHECK_FALSE(is_tool_error(R"("result":{"isError":"true"})"));
  CHECK_FALSE(is_tool_error(R"("result":{"isError":true,"isError":false})"));
  CHECK_FALSE(is_tool_error(R"("result":{"content":[{"isError":true}]},"isError":true)"));
  CHECK_FALSE(is_tool_error(R"("error":{"isError":true})"));
  CHECK_FALSE(is_tool_error(R"("result":{})"));
}

TEST_CASE("message: an id or token that appears twice is told, each by itself") {
  using Twice = Message::Twice;
  MessageParser parser;
  const auto twice_in = [&](const std::string& params) {
    return parser.parse(R"({"jsonrpc":"2.0","method":"n","params":{)" + params + "}}", true).twice;
  };
  CHECK(twice_in(R"("requestId":1,"requestId":2)") == Twice{.request_id = true});
  CHECK(twice_in(R"("requestId":3,"id":1,"id":2)") == Twice{.params_id = true});
  CHECK(twice_in(R"("progressToken":1,"progressToken":1)") == Twice{.progress_token = true});
  const std::string subscription = R"("io.modelcontextprotocol/subscriptionId":1)";
  CHECK(twice_in("\"_meta\":{" + subscription + "," + subscription + "}") ==
        Twice{.subscription_id = true});
  CHECK(twice_in(R"("requestId":1,"id":1,"progressToken":1,"_meta":{"progressToken":1})") ==
        Twice{});
}

TEST_CASE("message: a parser can be used again after anything") {
  MessageParser parser;
  for (const std::string& value : invalid_json_values()) {
    (void)parser.parse(value);
    const std::string_view line = R"({"jsonrpc":"2.0","id":5,"method":"m"})";
    const Message& message = parser.parse(line);
    REQUIRE(message.kind == Kind::request);
    REQUIRE(message.id == "5");
    REQUIRE(message.twice == Message::Twice{});
  }
}

TEST_CASE("message: any part of an expected line is read as it is alone") {
  const std::string first =
      R"([{"a":[1,{"b":"c{}"}]},tru{},5] -> {"jsonrpc":"2.0","id":1,"method":"m"})";
  const std::string lines = first + "\n" + R"({"jsonrpc":"2.0","id":2,"result":{}})" + "\n";
  MessageParser expecting;
  MessageParser alone;
  std::vector<std::string> wrong;
  for (std::size_t begin = 0; begin < first.size(); ++begin) {
    for (std::size_t end = begin + 1; end <= first.size(); ++end) {
      // The parser has just read another part: one before this, or behind it.
      for (const std::size_t before : {std::size_t{0}, first.find("{}"), first.rfind('{')}) {
        expecting.expect(lines);
        (void)expecting.parse(std::string_view(lines).substr(before, first.size() - before));
        const std::string_view part = std::string_view(lines).substr(begin, end - begin);
        const Kind kind = expecting.parse(part).kind;
        if (kind != alone.parse(std::string(part)).kind) wrong.emplace_back(part);
      }
    }
  }
  CHECK(wrong.empty());
}

}  // namespace
}  // namespace stdiogate
