#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 by Unicode 3.9, with what is not as browsers and Python have it: each maximal part of a
/// character that begins well, or else one byte, is one U+FFFD.
namespace stdiogate::json {

struct Sequence {
  std::size_t length;  // in bytes, at least 1
  bool is_character;   // or else one U+FFFD
};

/// What the bytes, at least one, begin with.
[[nodiscard]] Sequence first_sequence(std::string_view bytes);

/// Appends `bytes` with U+FFFD for each sequence that is not UTF-8.
void append_repaired(std::string& out, std::string_view bytes);

/// Text that was cut anywhere, less the beginning of a character at its end.
[[nodiscard]] std::string_view without_cut_character(std::string_view text);

}  // namespace stdiogate::json
