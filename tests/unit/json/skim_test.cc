#include "src/json/skim.h"

#include <string>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

/// The id, with "!" before that of an answer; "none" if there is none to trust.
std::string shown(std::string_view line) {
  const json::Skim skim(line);
  json::Skim bytewise;
  for (std::size_t i = 0; i < line.size(); ++i)
    bytewise.feed(line.substr(i, 1));
  CHECK(bytewise.id() == skim.id());
  CHECK(bytewise.id_end() == skim.id_end());
  CHECK(bytewise.answers() == skim.answers());
  CHECK(bytewise.end() == skim.end());
  return (skim.answers() ? "!" : "") + (skim.id().empty() ? "none" : std::string(skim.id()));
}

TEST_CASE("skim: of a valid message it finds the id, wherever it is, and whether it answers") {
  CHECK(shown(R"({"jsonrpc":"2.0","id":7,"result":{"id":8}})") == "!7");
  CHECK(shown(R"({"result":{"content":[{"id":1,"text":"\"}]"}]},"jsonrpc":"2.0","id":7})") == "!7");
  CHECK(shown(R"( { "error" : [ {} , 1 ] , "id" : "a\"b" } )") == R"(!"a\"b")");
  CHECK(shown(R"({"jsonrpc":"2.0","id":-1.5e3,"method":"m","params":{"result":1}})") == "-1.5e3");
  CHECK(shown(R"({"jsonrpc":"2.0","id":7,"method":"m","result":1})") == "7");
  CHECK(shown(R"({"jsonrpc":"2.0","id":7,"method":null,"result":1})") == "!7");
  CHECK(shown(R"({"\u0069d":7,"\u0072esult":1})") == "!7");
  CHECK(shown(R"({"jsonrpc":"2.0","method":"m"})") == "none");
  CHECK(shown("\xef\xbb\xbf{\"id\":7,\"result\":1}") == "!7");
}

TEST_CASE("skim: it finds where the object ends") {
  const std::string object = R"({"a":{"b":["}"]},"c":"\"}"})";
  CHECK(json::Skim(object).end() == object.size());
  CHECK(json::Skim(object + R"({"d":1})").end() == object.size());
  CHECK(json::Skim(object + " more").end() == object.size());
  CHECK(json::Skim(object.substr(0, 20)).end() == 20);
  CHECK(json::Skim("{\"a\":\"" + std::string(5000, 'x')).end() == 5006);
}

TEST_CASE("skim: what is wrong elsewhere does not matter") {
  CHECK(shown(R"({"jsonrpc":"2.0","id":7,"result":{"x":NaN}})") == "!7");
  CHECK(shown(R"({"jsonrpc":"2.0","result":NaN,"id":7})") == "!7");
  CHECK(shown("{\"result\":\"a\tb\x01\",\"id\":7}") == "!7");
  CHECK(shown("{\"result\":\"\xff\",\"id\":7}") == "!7");
  CHECK(shown(R"({"id":7,"result":{},"result":{}})") == "!7");
  CHECK(shown(R"({"id":7 "result":{}})") == "!7");
  CHECK(shown(R"({"id":7,"result":{}} and more {"id":8})") == "!7");
  CHECK(shown(R"({"result":{"x":"\q"},"id":7,})") == "!7");
  CHECK(shown(R"({"result":{} "id":7})") == "!7");
  CHECK(shown(R"({"result":{},x"id":7})") == "!7");
  CHECK(shown(R"({"result":{},"id"x:7})") == "!7");
}

TEST_CASE("skim: a line that was cut shows what came before") {
  CHECK(shown(R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"text":"xxxxxxx)") == "!7");
  CHECK(shown(R"({"jsonrpc":"2.0","id":"7","error":{"message":"xxx\)") == "!\"7\"");
  CHECK(shown(R"({"id":7,"result)") == "7");  // the name may go on
  CHECK(shown(R"({"id":7,"result")") == "!7");
  CHECK(shown(R"({"id":7,"method":"m)") == "7");
  CHECK(shown(R"({"result":{"a":1},"id":7)") == "!none");  // 7 may begin 70
  CHECK(shown(R"({"result":{"a":1},"id":"7)") == "!none");
  CHECK(shown(R"({"result":{"a":1},"id":7,)") == "!7");
  CHECK(shown("") == "none");
}

TEST_CASE("skim: an id is trusted only if there is one, of a valid form, not too long") {
  CHECK(shown(R"({"id":7,"id":8,"result":1})") == "!none");
  CHECK(shown(R"({"id":7,"\u0069d":7,"result":1})") == "!none");
  CHECK(shown(R"({"\id":7,"result":1})") == "!none");
  CHECK(shown(R"({"id":,"result":1})") == "!none");
  for (const char* id : {"null", "true", "{}", "[7]", "07", "+7", "7.", "NaN", "\"\\q\"",
                         "\"a\tb\"", "'7'", "7{}", "7[8,9]", ""}) {
    INFO(id);
    CHECK(shown(R"({"result":1,"id":)" + std::string(id) + "}") == "!none");
  }
  const std::string longest = '"' + std::string(1022, 'i') + '"';
  CHECK(shown(R"({"id":)" + longest + "}") == longest);
  CHECK(shown(R"({"id":"x)" + longest.substr(1) + "}") == "none");
  CHECK(shown("{\"id\":" + std::string(1025, '7') + "}") == "none");
}

TEST_CASE("skim: what is not an object at the top level shows nothing") {
  CHECK(shown(R"([{"id":7,"result":1}])") == "none");
  CHECK(shown(R"(["id":7,"result":1])") == "none");
  CHECK(shown(R"(banner {"id":7,"result":1})") == "none");
  CHECK(shown(R"(> {"id":7,"result":1})") == "none");
  CHECK(shown(R"("banner" {"id":7,"result":1})") == "none");
  CHECK(shown(R"("{\"id\":7,\"result\":1}")") == "none");
  CHECK(shown(R"({"params":{"id":7,"result":1}})") == "none");
}

TEST_CASE("skim: it says where the id ends") {
  CHECK(json::Skim(R"({"id":70,"x":1})").id_end() == 8);
  CHECK(json::Skim(R"({"id":"70","x":1})").id_end() == 10);
  CHECK(json::Skim(R"({"id":70})").id_end() == 8);
  CHECK(json::Skim(R"({"id" : 70 })").id_end() == 10);
}

}  // namespace
}  // namespace stdiogate
