#include <cstddef>
#include <cstdint>

#include "tests/proof/fuzz/targets.h"

// The entry of libFuzzer and AFL++; FUZZ_TARGET is the name of one of the targets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  stdiogate::fuzz::FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
