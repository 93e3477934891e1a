#include "src/process/process_tree.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("process_tree: knows its children, and which of them have ended") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  const auto all = children();
  REQUIRE(all);
  CHECK(std::find(all->begin(), all->end(), child) != all->end());
  reap_children(child);
  CHECK(is_zombie(child));
  reap_children(0);
  CHECK_FALSE(is_zombie(child));
}

}  // namespace
}  // namespace stdiogate
