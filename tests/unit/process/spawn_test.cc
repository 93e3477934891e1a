#include "src/process/spawn.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

TEST_CASE("spawn: the descriptors that a command names, anywhere in its words") {
  using Numbers = std::vector<int>;
  CHECK(named_descriptors({"server", "/dev/fd/63"}) == Numbers{63});
  CHECK(named_descriptors({"server", "--keys=/proc/self/fd/12,/proc/self/fd/13"}) ==
        Numbers{12, 13});
  CHECK(named_descriptors({"cat", "/dev/fd/0", "/dev/fd/2", "/dev/fd/", "/dev/fd/x"}).empty());
  CHECK(named_descriptors({"cat", "/dev/fd/99999999999"}).empty());
  CHECK(named_descriptors({"cat", "/dev/fd/2147483647"}).empty());  // none is so high
}

}  // namespace
}  // namespace stdiogate
