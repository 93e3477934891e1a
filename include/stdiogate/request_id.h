#pragma once

#include <cstdint>
#include <string_view>

/// How request ids compare. An id here is the JSON text of a number or a string as it stood in a
/// line (`1`, `1e0`, `"1"`), already known to be valid; it is kept so and never turned into a
/// number.
namespace stdiogate {

/// Whether two ids are the same by value: `1`, `1.0` and `1e0` are one number, `"a"` and `"\u0061"`
/// one string, `1` and `"1"` two ids. Numbers compare exactly at any size, but for exponents of
/// more than 17 digits, which compare as text.
[[nodiscard]] bool same_id(std::string_view a, std::string_view b);

/// The same for ids that are the same. `seed` makes it unforeseeable which ids collide.
[[nodiscard]] std::uint64_t hash_id(std::string_view id, std::uint64_t seed);

/// The value of an id that is a whole number from 1 to 2^53 - 1, as wire ids are, however it is
/// spelled (`5`, `5.0`, `50e-1`); 0 for all others. With `also_in_string`, `"5"` is one too: some
/// servers send the id back as a string.
[[nodiscard]] std::uint64_t whole_number(std::string_view id, bool also_in_string);

}  // namespace stdiogate
