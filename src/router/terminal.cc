#include "src/router/terminal.h"

#include <algorithm>

namespace stdiogate {

namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\a';

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

/// The first byte in that range, or the end.
std::size_t find_between(std::string_view text, std::size_t from, char low, char high) {
  while (from < text.size() && (text[from] < low || text[from] > high))
    ++from;
  return from;
}

/// The length of a string that is a command: up to BEL or ESC \.
std::size_t command_length(std::string_view text) {
  const std::size_t end = text.find_first_of("\a\x1b", 2);
  if (end == std::string_view::npos) return 0;
  if (text[end] == kBell) return end + 1;
  return text.substr(end, 2) == "\x1b\\" ? end + 2 : 0;
}

/// The length of the escape sequence at the front; 0 if it is none, or not whole.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2 || text[0] != kEscape) return 0;
  std::size_t end = 0;
  switch (text[1]) {
    case '[': end = find_between(text, 2, '\x40', '\x7e'); break;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_': return command_length(text);
    default: end = find_between(text, 1, '\x30', '\x7e'); break;
  }
  return end < text.size() ? end + 1 : 0;
}

/// The length of all that is at the front, blanks in between included.
std::size_t decoration_length(std::string_view text) {
  std::size_t length = 0;
  for (;;) {
    const std::size_t at = std::min(text.find_first_not_of(' ', length), text.size());
    if (at == text.size() || !is_control(text[at])) return length;
    const std::size_t escape = escape_length(text.substr(at));
    if (escape == 0 && text[at] == kEscape) return length;
    length = at + std::max<std::size_t>(escape, 1);
  }
}

}  // namespace

std::size_t decoration_before(std::string_view text) {
  // A message holds no carriage return before its first bracket.
  const std::size_t written_over = text.substr(0, text.find('{')).rfind('\r');
  const std::size_t from = written_over == std::string_view::npos ? 0 : written_over + 1;
  return from + decoration_length(text.substr(from));
}

bool is_decoration(std::string_view text) {
  return text.find_first_not_of(' ', decoration_length(text)) == std::string_view::npos;
}

}  // namespace stdiogate
