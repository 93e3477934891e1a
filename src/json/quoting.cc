#include "src/json/quoting.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "src/json/utf8.h"

namespace stdiogate {

namespace {

/// The number that the first four digits are.
std::uint32_t hex4(std::string_view text) {
  std::uint32_t number = 0;
  (void)std::from_chars(text.data(), text.data() + 4, number, 16);
  return number;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  constexpr unsigned kLead[] = {0, 0xc0, 0xe0, 0xf0};
  unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  out += static_cast<char>(kLead[more] | code >> 6 * more);
  while (more-- > 0)
    out += static_cast<char>(0x80 | (code >> 6 * more & 0x3f));
}

/// Appends what the \u escape at the front of `rest` stands for; a pair of surrogates is one
/// escape. Returns its length.
std::size_t append_unicode_escape(std::string& out, std::string_view rest) {
  const std::uint32_t code = hex4(rest.substr(2));
  const bool high = code >= 0xd800 && code < 0xdc00;
  if (high && rest.size() >= 12 && rest[6] == '\\' && rest[7] == 'u') {
    const std::uint32_t low = hex4(rest.substr(8));
    if (low >= 0xdc00 && low < 0xe000) {
      append_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
      return 12;
    }
  }
  append_utf8(out, code);
  return 6;
}

char short_escape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;  // " \ /
  }
}

/// Whether the character, one UTF-8 sequence, is none to be seen: a control character, DEL, U+0080
/// to U+009F, or one that ends a line for some readers, U+2028 and U+2029.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  const bool c1 = first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
  return c1 || character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9";
}

/// Appends the escape of a character of at most U+FFFF.
void append_escape(std::string& out, std::string_view character) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (character[0]) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  unsigned code = static_cast<unsigned char>(character[0]);
  if (character.size() > 1) code &= character.size() == 2 ? 0x1f : 0x0f;
  for (const char c : character.substr(1))
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3f);
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out += kHex[code >> shift & 0xf];
}

}  // namespace

std::string unescaped(std::string_view content, std::size_t most) {
  std::string out;
  out.reserve(std::min(content.size(), most));
  while (!content.empty() && out.size() < most) {
    std::size_t length = std::min(content.find('\\'), content.size());
    if (length > 0) {
      out += content.substr(0, std::min(length, most - out.size()));
    } else if (content[1] == 'u') {
      length = append_unicode_escape(out, content);
    } else {
      out += short_escape(content[1]);
      length = 2;
    }
    content.remove_prefix(length);
  }
  return out;
}

bool is_printable(std::string_view bytes) {
  while (!bytes.empty()) {
    const json::Sequence next = json::first_sequence(bytes);
    if (!next.is_character || is_control(bytes.substr(0, next.length))) return false;
    bytes.remove_prefix(next.length);
  }
  return true;
}

void append_quoted(std::string& out, std::string_view bytes) {
  out += '"';
  while (!bytes.empty()) {
    const json::Sequence next = json::first_sequence(bytes);
    const std::string_view character = bytes.substr(0, next.length);
    if (!next.is_character) {
      out += "\\ufffd";
    } else if (character == "\"" || character == "\\" || is_control(character)) {
      append_escape(out, character);
    } else {
      out += character;
    }
    bytes.remove_prefix(next.length);
  }
  out += '"';
}

}  // namespace stdiogate
