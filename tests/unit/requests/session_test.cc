#include "src/requests/session.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("session: the terms are read off the answer to initialize") {
  const SessionTerms terms = session_terms(
      R"({"jsonrpc":"2.0","id":1,"result":{"capabilities":{"prompts":{"listChanged":true},)"
      R"("resources":{"subscribe":true,"listChanged":false},"tools":{"listChanged":true},"x":1e400},)"
      R"("protocolVersion":"2025-11-25","serverInfo":{"name":"s"}}})");
  CHECK(terms.protocol_version == "2025-11-25");
  CHECK(terms.changing_lists == std::vector<std::string_view>{"tools", "prompts"});
}

TEST_CASE("session: a revision that is a number is the Agent Client Protocol's") {
  CHECK(session_terms(R"({"result":{"protocolVersion": 1 }})").protocol_version == "1");
  CHECK(is_of_acp(R"({"id":1,"params":{"protocolVersion":1}})"));
  CHECK_FALSE(is_of_acp(R"({"id":1,"params":{"protocolVersion":"1"}})"));
  CHECK_FALSE(is_of_acp(R"({"id":1})"));
}

TEST_CASE("session: what is not there is empty") {
  for (const char* answer :
       {R"({"jsonrpc":"2.0","id":1,"result":{}})", R"({"jsonrpc":"2.0","id":1,"result":[]})",
        R"({"jsonrpc":"2.0","id":1,"result":null})",
        R"({"result":{"protocolVersion":[5],"capabilities":{"tools":{"listChanged":"yes"}}}})",
        R"({"result":{"capabilities":[{"tools":1}]}})"}) {
    INFO(answer);
    const SessionTerms terms = session_terms(answer);
    CHECK(terms.protocol_version.empty());
    CHECK(terms.changing_lists.empty());
  }
}

TEST_CASE("session: its size is that of all the texts it keeps") {
  Session session;
  session.initialize.text = "initialize";
  session.initialized = "initialized";
  session.set_up.push_back({"uri", {.text = "subscribe"}});
  CHECK(session.bytes() == 33);
}

}  // namespace
}  // namespace stdiogate
