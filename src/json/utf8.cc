#include "src/json/utf8.h"

namespace stdiogate::json {

namespace {

/// How a character with this first byte goes on: bytes in all, and what the second may be.
struct Form {
  std::size_t length;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
};

Form form_of(unsigned char first) {
  if (first < 0x80) return {1};
  if (first < 0xc2) return {0};
  if (first < 0xe0) return {2};
  if (first == 0xe0) return {3, 0xa0};
  if (first == 0xed) return {3, 0x80, 0x9f};  // no surrogates
  if (first < 0xf0) return {3};
  if (first == 0xf0) return {4, 0x90};
  if (first < 0xf4) return {4};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0};
}

}  // namespace

Sequence first_sequence(std::string_view bytes) {
  Form form = form_of(static_cast<unsigned char>(bytes[0]));
  if (form.length == 0) return {1, false};
  std::size_t length = 1;
  for (; length < form.length && length < bytes.size(); ++length) {
    const auto byte = static_cast<unsigned char>(bytes[length]);
    if (byte < form.low || byte > form.high) break;
    form.low = 0x80;
    form.high = 0xbf;
  }
  return {length, length == form.length};
}

void append_repaired(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const Sequence next = first_sequence(bytes);
    out += next.is_character ? bytes.substr(0, next.length) : "\xef\xbf\xbd";
    bytes.remove_prefix(next.length);
  }
}

std::string_view without_cut_character(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const bool whole = first_sequence(text.substr(text.size() - back)).is_character;
    return whole ? text : text.substr(0, text.size() - back);
  }
  return text;
}

}  // namespace stdiogate::json
