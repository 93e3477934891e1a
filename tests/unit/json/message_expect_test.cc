#include <string>
#include <vector>

#include "stdiogate/message.h"

#include "tests/support/catch.h"
#include "tests/support/json_values.h"

namespace stdiogate {
namespace {

/// All that a message says, in words.
std::string said(const Message& message) {
  std::string all = std::to_string(static_cast<int>(message.kind));
  for (const std::string_view part :
       {std::string_view(message.fault.what), message.id, message.method, message.name,
        message.request_id, message.progress_token, message.requested_token,
        message.subscription_id})
    all.append("|").append(part);
  return all + "|" + std::to_string(message.fault.offset.value_or(0));
}

/// Expects all these lines, and checks that each says what it says alone.
void check_expected(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  MessageParser parser;
  MessageParser alone;
  parser.expect(text);
  std::size_t at = 0;
  for (const std::string& line : lines) {
    INFO(line.substr(0, 200));
    CHECK(said(parser.parse(std::string_view(text).substr(at, line.size()))) ==
          said(alone.parse(line)));
    at += line.size() + 1;
  }
}

TEST_CASE("message: a line that was expected among others says what it says alone") {
  const std::string request = R"({"jsonrpc":"2.0","id":"a\"1","method":"m","params":{"name":"n"}})";
  const std::string answer = R"({"jsonrpc":"2.0","id":7,"result":{"content":["\u00e9", "é"]}})";
  check_expected({request, answer, request, R"({"jsonrpc":"2.0","method":"n"})", answer});
  check_expected({"", " ", request, "\t", R"([{"jsonrpc":"2.0","id":1,"method":"m"}])", request});
  // One that lacks its end, before one that would be it.
  for (const std::string begun : {R"({"id":1,"result":{})", R"([{})", R"([[])", R"({"a":[1])"})
    for (const std::string end : {"}", "]", ",{}]", R"(,"b":{}})", "{}", "[]"})
      check_expected({request, begun, end, request});
  for (const std::string& value : invalid_json_values()) {
    if (value.find('\n') == std::string::npos) check_expected({request, value, answer});
  }
  for (const std::string& value : valid_json_values()) {
    if (value.find('\n') == std::string::npos) check_expected({answer, value, request});
  }
}

TEST_CASE("message: what was expected is read in any order, in part and again") {
  const std::string lines = R"({"jsonrpc":"2.0","id":1,"method":"m"})"
                            "\n"
                            R"([{ "id":2, "params":{"a":[1, 2]},"jsonrpc":"2.0","method":"m"}])"
                            "\n";
  const std::string_view text = lines;
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::string_view array = text.substr(first.size() + 1, text.size() - first.size() - 2);
  const std::string_view element = array.substr(1, array.size() - 2);
  MessageParser parser;
  parser.expect(text);
  CHECK(parser.parse(array).kind == MessageKind::batch);
  CHECK(parser.parse(element).id == "2");
  CHECK(parser.parse(first).id == "1");
  CHECK(parser.parse(array).kind == MessageKind::batch);
  parser.expect(text);
  CHECK(parser.parse(R"({"jsonrpc":"2.0","id":3,"method":"m"})").id == "3");
  CHECK(parser.parse(first).id == "1");
  // What stands in the index of another text would do for this one.
  const std::string almost = "{}x}\n";
  parser.expect(almost);
  (void)parser.parse("{}   1");
  CHECK(parser.parse(std::string_view(almost).substr(0, 4)).fault.code == -32700);
}

TEST_CASE("message expected: a faulty line is as faulty when it is read again") {
  const std::string line = R"({"jsonrpc":"2.0","id":1,"method":"a"})";
  const std::string text = line + " " + line + "\n" + line + "\n";
  MessageParser parser;
  parser.expect(text);
  const std::string_view two = std::string_view(text).substr(0, 2 * line.size() + 1);
  for (int i = 0; i < 3; ++i)
    CHECK(parser.parse(two).kind == MessageKind::invalid);
  CHECK(parser.parse(std::string_view(text).substr(two.size() + 1, line.size())).kind ==
        MessageKind::request);
}

}  // namespace
}  // namespace stdiogate
