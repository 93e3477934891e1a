#pragma once

#include <cstddef>
#include <string_view>

/// What programs write for a terminal: escape sequences (ECMA-48) and control characters. They get
/// between messages when a server sets a title, colours its output or shows progress.
namespace stdiogate {

/// How many bytes of it the text begins with: escape sequences and control characters, and before a
/// carriage return whatever a terminal would write over.
[[nodiscard]] std::size_t decoration_before(std::string_view text);

/// Whether the text is nothing else.
[[nodiscard]] bool is_decoration(std::string_view text);

}  // namespace stdiogate
