#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// JSON strings as text: the two directions the gate itself needs. Reading a whole line is
/// message.h.
namespace stdiogate {

/// What `content`, the inside of a valid JSON string, stands for. A lone surrogate becomes the
/// three bytes UTF-8 would use for it, so that two strings are the same exactly when their bytes
/// are. `most`: what comes after that many bytes is left out; no escape is cut.
[[nodiscard]] std::string unescaped(std::string_view content,
                                    std::size_t most = std::string_view::npos);

/// Whether a terminal and a reader of lines would take the bytes for text and nothing else: UTF-8
/// without control characters, DEL, U+0080 to U+009F, U+2028 and U+2029.
[[nodiscard]] bool is_printable(std::string_view bytes);

/// Appends `bytes` as a JSON string, quotes and all. Bytes that are not UTF-8 become U+FFFD, and
/// what is not printable is escaped, so that what comes out is always valid, and printable.
void append_quoted(std::string& out, std::string_view bytes);

}  // namespace stdiogate
