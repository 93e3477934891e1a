#include <cstdio>
#include <cstdlib>

#include "tests/proof/fuzz/targets.h"

namespace stdiogate::fuzz {

void must(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

}  // namespace stdiogate::fuzz
