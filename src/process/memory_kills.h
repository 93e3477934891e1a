#pragma once

#include <cstdint>
#include <string>

namespace stdiogate {

/// How many processes of our control group (version 2) the kernel has killed because its memory was
/// used up; 0 if it is not known. `root`: where / is, for a test.
[[nodiscard]] std::uint64_t memory_kills(const std::string& root = "");

}  // namespace stdiogate
