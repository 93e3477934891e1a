#include "stdiogate/request_id.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include "src/json/quoting.h"

namespace stdiogate {

namespace {

// Whole numbers of up to this many digits are canonical as they are usually written.
constexpr std::size_t kPlainDigits = 40;
constexpr std::size_t kMaxExponentDigits = 17;  // fits an int64 with room for the digits' count
constexpr std::uint64_t kMaxWireId = (std::uint64_t{1} << 53) - 1;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_plain_number(std::string_view id) {
  if (id == "0") return true;
  if (!id.empty() && id[0] == '-') id.remove_prefix(1);
  if (id.empty() || id.size() > kPlainDigits || id[0] == '0') return false;
  for (const char c : id) {
    if (!is_digit(c)) return false;
  }
  return true;
}

/// A number taken apart: its value is digits * 10^exponent.
struct Decimal {
  bool negative = false;
  std::string digits;  // no zero at either end; empty for zero
  std::int64_t exponent = 0;
};

std::optional<Decimal> decimal(std::string_view id) {
  Decimal number;
  if (id[0] == '-') {
    number.negative = true;
    id.remove_prefix(1);
  }
  const std::size_t e = std::min(id.find_first_of("eE"), id.size());
  for (bool fraction = false; const char c : id.substr(0, e)) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    number.exponent -= fraction;
    if (c != '0' || !number.digits.empty()) number.digits += c;
  }
  if (number.digits.empty()) return Decimal{};
  while (number.digits.back() == '0') {
    number.digits.pop_back();
    ++number.exponent;
  }
  if (e == id.size()) return number;
  std::string_view written = id.substr(e + 1);
  const bool negative = written[0] == '-';
  if (written[0] == '-' || written[0] == '+') written.remove_prefix(1);
  written.remove_prefix(std::min(written.find_first_not_of('0'), written.size()));
  if (written.size() > kMaxExponentDigits) return std::nullopt;
  std::int64_t exponent = 0;
  (void)std::from_chars(written.data(), written.data() + written.size(), exponent);
  number.exponent += negative ? -exponent : exponent;
  return number;
}

/// The one text for all ways to write a number.
std::string canonical_number(std::string_view id) {
  const auto number = decimal(id);
  if (!number) {  // an exponent that large is compared as it is written
    std::string text(id);
    std::replace(text.begin(), text.end(), 'E', 'e');
    std::erase(text, '+');
    return text;
  }
  if (number->digits.empty()) return "0";
  std::string text = number->negative ? "-" : "";
  text += number->digits;
  const std::int64_t zeros = number->exponent;
  if (zeros >= 0 && zeros + static_cast<std::int64_t>(number->digits.size()) <=
                        static_cast<std::int64_t>(kPlainDigits)) {
    return text.append(static_cast<std::size_t>(zeros), '0');
  }
  return text + "e" + std::to_string(zeros);
}

bool is_string(std::string_view id) {
  return id[0] == '"';
}

/// Whether the id is its own canonical text.
bool is_plain(std::string_view id) {
  return is_string(id) ? id.find('\\') == std::string_view::npos : is_plain_number(id);
}

/// The value of a text of nothing but digits, from 1 to kMaxWireId; else 0.
std::uint64_t digits_value(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c) || value > kMaxWireId) return 0;
    value = 10 * value + static_cast<std::uint64_t>(c - '0');
  }
  return value <= kMaxWireId ? value : 0;
}

std::string canonical(std::string_view id) {
  if (is_plain(id)) return std::string(id);
  if (is_string(id)) return '"' + unescaped(id.substr(1, id.size() - 2)) + '"';
  return canonical_number(id);
}

template <class Word>
std::uint64_t word_at(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// All of up to eight bytes in one word; different for different bytes of that number.
std::uint64_t last_word(std::string_view bytes) {
  const std::size_t n = bytes.size();
  const char* end = bytes.data() + n;
  if (n == 8) return word_at<std::uint64_t>(bytes.data());
  if (n >= 4) return word_at<std::uint32_t>(bytes.data()) | word_at<std::uint32_t>(end - 4) << 32;
  std::uint64_t word = 0;
  for (const char c : bytes)
    word = word << 8 | static_cast<unsigned char>(c);
  return word;
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t hash = seed ^ (bytes.size() * kOdd);
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32;
  };
  for (; bytes.size() > sizeof hash; bytes.remove_prefix(sizeof hash))
    mix(word_at<std::uint64_t>(bytes.data()));
  mix(last_word(bytes));
  return hash * kOdd;
}

}  // namespace

bool same_id(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (is_string(a) != is_string(b)) return false;
  if (is_plain(a) && is_plain(b)) return false;
  return canonical(a) == canonical(b);
}

std::uint64_t hash_id(std::string_view id, std::uint64_t seed) {
  return is_plain(id) ? hash_bytes(id, seed) : hash_bytes(canonical(id), seed);
}

std::uint64_t whole_number(std::string_view id, bool also_in_string) {
  if (is_string(id)) return also_in_string ? digits_value(id.substr(1, id.size() - 2)) : 0;
  const std::uint64_t value = digits_value(id);
  return value != 0 || is_plain_number(id) ? value : digits_value(canonical_number(id));
}

}  // namespace stdiogate
