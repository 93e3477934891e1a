#include "src/router/methods.h"

#include <string>

#include "src/limits.h"
#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("methods: as many names are kept as there are places, the others are one") {
  Methods methods{RouterConfig()};
  const std::uint32_t first = methods.number_of("m0");
  CHECK(methods[first].name == "m0");
  std::uint32_t last = first;
  for (int i = 1; last < kMaxMethods - 1; ++i)
    REQUIRE(methods.number_of("m" + std::to_string(i)) == ++last);
  CHECK(methods.number_of("one more") == Methods::kOther);
  CHECK(methods.number_of("m0") == first);
}

TEST_CASE("methods: a name that is too long is not kept") {
  Methods methods{RouterConfig()};
  CHECK(methods.number_of(std::string(kMaxMethodName, 'm')) != Methods::kOther);
  CHECK(methods.number_of(std::string(kMaxMethodName + 1, 'm')) == Methods::kOther);
}

TEST_CASE("methods: some may use the reserve, and some have no timeout") {
  RouterConfig config;
  Methods methods(config);
  for (const char* name : {"initialize", "ping", "server/discover", "subscriptions/listen",
                           "tasks/get", "tasks/result", "tasks/cancel", "tasks/update"})
    CHECK(methods[methods.number_of(name)].may_use_reserve);
  for (const char* name :
       {"subscriptions/listen", "tasks/result", "session/prompt", "authenticate"})
    CHECK(methods.timeout(methods.number_of(name), "") == Duration::zero());
  const std::uint32_t other = methods.number_of("tools/list");
  CHECK_FALSE(methods[other].may_use_reserve);
  CHECK_FALSE(methods[other].keeps_line);
  CHECK(methods.timeout(other, "") == config.timeout);
  CHECK_FALSE(methods[Methods::kToolsCall].keeps_line);  // it has effects
}

}  // namespace
}  // namespace stdiogate
