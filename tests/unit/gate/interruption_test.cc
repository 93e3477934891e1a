#include "src/gate/interruption.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

constexpr Time kBegin{1h};

/// A server was sent SIGINT at kBegin, and ends so.
bool is_explained(const ServerEnd& end, Duration after, bool was_signalled = false) {
  Interruption interruption;
  interruption.begin(kBegin, {});
  interruption.note_end(end, was_signalled, kBegin + after);
  return interruption.is_open();
}

TEST_CASE("interruption: SIGINT explains an exit, and a death by a signal that asks for it") {
  CHECK(is_explained({}, 1s));
  CHECK(is_explained({.status = 1}, 1s));
  CHECK(is_explained({.signal = SIGINT}, 1s));
  CHECK(is_explained({.signal = SIGTERM}, 1s));
  CHECK_FALSE(is_explained({.signal = SIGKILL}, 1s));
  CHECK_FALSE(is_explained({.signal = SIGSEGV}, 1s));
  CHECK(is_explained({.signal = SIGKILL}, 1s, true));
}

TEST_CASE("interruption: SIGINT explains nothing that comes much later") {
  CHECK(is_explained({.status = 1}, kInterrupted));
  CHECK_FALSE(is_explained({.status = 1}, kInterrupted + 1ns));
  CHECK_FALSE(is_explained({.signal = SIGINT}, kInterrupted + 1ns));
}

TEST_CASE("interruption: a server that answers what came since goes on") {
  Interruption interruption;
  CHECK_FALSE(interruption.is_open());
  interruption.begin(kBegin, {64, 65});
  interruption.note_answer(65);
  interruption.note_answer(64);
  CHECK(interruption.is_open());
  interruption.note_answer(66);
  CHECK_FALSE(interruption.is_open());
}

TEST_CASE("interruption: what comes after the end ends the gate") {
  Interruption interruption;
  interruption.note_end({.signal = SIGSEGV}, false, kBegin);
  CHECK_FALSE(interruption.is_open());
  interruption.begin(kBegin + 1s, {});
  CHECK(interruption.is_open());
}

}  // namespace
}  // namespace stdiogate
