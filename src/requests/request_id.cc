#include "stdiogate/request_id.h"

#include <charconv>
#include <cmath>
#include <functional>

#include "src/json/quoting.h"

namespace stdiogate {

namespace {

constexpr std::uint64_t kMaxWireId = (std::uint64_t{1} << 53) - 1;

/// Whether the id is a string with an escape, so that it has other spellings.
bool has_escapes(std::string_view id) {
  return id[0] == '"' && id.find('\\') != std::string_view::npos;
}

/// The number that is all of `text`, rounded to what a double holds; 0 if it is none or too large.
std::uint64_t rounded(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  const bool is_whole = error == std::errc() && rest == end && value >= 1 &&
                        value <= static_cast<double>(kMaxWireId) && value == std::floor(value);
  return is_whole ? static_cast<std::uint64_t>(value) : 0;
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return 0;
  if (rest != text.data() + text.size()) return rounded(text);
  return value <= kMaxWireId ? value : 0;
}

}  // namespace

bool same_id(std::string_view a, std::string_view b) {
  if (a == b) return true;
  return (has_escapes(a) || has_escapes(b)) && unescaped(a) == unescaped(b);
}

std::uint64_t hash_id(std::string_view id) {
  const std::hash<std::string_view> hash;
  return has_escapes(id) ? hash(unescaped(id)) : hash(id);
}

std::uint64_t whole_number(std::string_view id) {
  if (id[0] != '"') return number_of(id);
  const std::string_view content = id.substr(1, id.size() - 2);
  return has_escapes(id) ? number_of(unescaped(content)) : number_of(content);
}

}  // namespace stdiogate
