#include <algorithm>

#include "tests/proof/simulation/script.h"
#include "tests/proof/simulation/shrink.h"
#include "tests/support/catch.h"

// The tools of the simulation; what it finds is for `make simulate`.
namespace stdiogate::simulation {
namespace {

TEST_CASE("simulation: a seed makes the same schedule each time, and another seed another") {
  CHECK(text_of(script_of(7, 200)) == text_of(script_of(7, 200)));
  CHECK(text_of(script_of(7, 200)) != text_of(script_of(8, 200)));
  CHECK(script_of(7, 200).steps.size() == 200);
}

TEST_CASE("simulation: a script is read back from its text") {
  const std::string text = text_of(script_of(3, 50));
  const auto script = parse_script(text);
  REQUIRE(script);
  CHECK(text_of(*script) == text);
  CHECK_FALSE(parse_script(""));
  CHECK_FALSE(parse_script("config 1 2 3"));
  CHECK_FALSE(parse_script(text + "no-such-step 1 2 3 4\n"));
}

TEST_CASE("simulation: a script is shrunk to what it fails with") {
  const auto fails = [](const Script& script) {
    const auto ends = std::ranges::count(script.steps, Op::client_cancel, &Step::op);
    return ends >= 2 && script.sizes[0] >= 1;
  };
  const Script script = script_of(11, 200);
  REQUIRE(fails(script));
  CHECK(text_of(shrunk(script, fails)) ==
        "config 1 0 0 0 0 0 0 0 0 0\nclient-cancel 0 0 0 0\nclient-cancel 0 0 0 0\n");
}

TEST_CASE("simulation: work that crashes or fails is told of") {
  using Result = std::optional<std::string>;
  CHECK(run_apart([] { return Result(); }, 60) == std::nullopt);
  CHECK(run_apart([] { return Result("wrong"); }, 60) == "wrong");
  CHECK(run_apart([]() -> Result { std::_Exit(3); }, 60) == "exited with 3");
}

}  // namespace
}  // namespace stdiogate::simulation
