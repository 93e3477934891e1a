#include <string>
#include <vector>

#include "src/json/elements.h"
#include "tests/support/catch.h"

namespace stdiogate {
namespace {

std::vector<std::string> elements_of(std::string_view array) {
  std::vector<std::string> found;
  for (json::Parts elements(array); elements.next();)
    found.emplace_back(elements.value);
  return found;
}

TEST_CASE("json_walk: an array is taken apart, each element as it stands there") {
  using Texts = std::vector<std::string>;
  CHECK(elements_of("[]").empty());
  CHECK(elements_of(" [ \t] \r").empty());
  CHECK(elements_of("[1]") == Texts{"1"});
  CHECK(elements_of("\t[ 1 ,\"a,]\\\"\" , null,-1.5e3 ] ") ==
        Texts{"1", "\"a,]\\\"\"", "null", "-1.5e3"});
  CHECK(elements_of(R"([{"a":[1,{"b":"]}"}]} ,[[],[ ]],{}])") ==
        Texts{R"({"a":[1,{"b":"]}"}]})", "[[],[ ]]", "{}"});
}

}  // namespace
}  // namespace stdiogate
