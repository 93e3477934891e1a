#pragma once

#include <cstdint>
#include <string_view>

/// How request ids compare. An id here is the JSON text of a number or a string as it was in a line
/// (`1`, `1e0`, `"1"`), already known to be valid.
namespace stdiogate {

/// Whether two ids are one: strings after unescaping (`"a"` and `"\u0061"`), numbers if they are
/// written alike (`1` and `1.0` are two). A string is never a number.
[[nodiscard]] bool same_id(std::string_view a, std::string_view b);

/// The same for ids that are the same.
[[nodiscard]] std::uint64_t hash_id(std::string_view id);

/// The value of an id that may be a wire id: a whole number from 1 to 2^53 - 1, however it is
/// spelled (`5`, `5.0`, `50e-1`, `"5"`); 0 for all others. No other request can be meant, and some
/// peers send an id back as a floating-point number or as a string.
[[nodiscard]] std::uint64_t whole_number(std::string_view id);

}  // namespace stdiogate
