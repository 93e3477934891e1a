#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/// Where the tokens of JSON end, by RFC 8259. A function that returns a place returns null if what
/// it looks for is not there.
namespace stdiogate::json {

// The compiler makes it what the processor has: SSE2, AVX2, NEON.
using Block = unsigned char __attribute__((vector_size(16)));
constexpr std::ptrdiff_t kBlock = sizeof(Block);

inline bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What a valid value is, by its JSON text.
inline bool is_string(std::string_view json) {
  return json.starts_with('"');
}
inline bool is_number(std::string_view json) {
  return !json.empty() && (json[0] == '-' || is_digit(json[0]));
}

/// Whether the text is a number without a fraction and an exponent.
inline bool is_whole(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether a byte of a string is itself and no more.
inline bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

inline Block block_at(const char* at) {
  Block block;
  std::memcpy(&block, at, sizeof block);
  return block;
}

/// All ones where a byte is not plain.
inline auto not_plain(const char* at) {
  const Block block = block_at(at);
  return (block == '"') | (block == '\\') | (block < 0x20);
}

/// The index of the first byte of the mask that is not zero, kBlock if all are.
template <class Mask>
inline std::ptrdiff_t first_of(const Mask& mask) {
#ifdef __SSE2__
  const auto bits = static_cast<unsigned>(_mm_movemask_epi8(std::bit_cast<__m128i>(mask)));
  return std::countr_zero(bits | 1U << kBlock);
#else
  const auto bytes = std::bit_cast<std::array<unsigned char, kBlock>>(mask);
  std::ptrdiff_t index = 0;
  while (index < kBlock && bytes[static_cast<std::size_t>(index)] == 0)
    ++index;
  return index;
#endif
}

/// The first byte at or after `at` that is not plain, or the end.
inline const char* plain_end(const char* at, const char* end) {
  for (int blocks = 0; end - at >= kBlock; at += kBlock) {
    const std::ptrdiff_t special = first_of(not_plain(at));
    if (special != kBlock) return at + special;
    if (++blocks < 4) continue;
    // A long string: four blocks with one question.
    while (end - at >= 5 * kBlock &&
           first_of(not_plain(at + kBlock) | not_plain(at + 2 * kBlock) |
                    not_plain(at + 3 * kBlock) | not_plain(at + 4 * kBlock)) == kBlock)
      at += 4 * kBlock;
  }
  while (at != end && is_plain(*at))
    ++at;
  return at;
}

inline bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Where the escape that begins with this backslash ends. A lone surrogate ("\ud83d") is one: the
/// grammar allows it.
inline const char* escape_end(const char* at, const char* end) {
  if (end - at < 2) return nullptr;
  switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return at + 2;
    case 'u': break;
    default: return nullptr;
  }
  const bool four =
      end - at >= 6 && is_hex(at[2]) && is_hex(at[3]) && is_hex(at[4]) && is_hex(at[5]);
  return four ? at + 6 : nullptr;
}

inline const char* digits_end(const char* at, const char* end) {
  if (end - at >= kBlock) {
    const Block value = block_at(at) - '0';
    const std::ptrdiff_t digits = first_of(value > 9);
    if (digits != kBlock) return at + digits;
  }
  while (at != end && is_digit(*at))
    ++at;
  return at;
}

inline const char* some_digits_end(const char* at, const char* end) {
  const char* digits = digits_end(at, end);
  return digits == at ? nullptr : digits;
}

/// number = [ "-" ] int [ frac ] [ exp ], RFC 8259 section 6.
inline const char* number_end(const char* at, const char* end) {
  if (at != end && *at == '-') ++at;
  at = at != end && *at == '0' ? at + 1 : some_digits_end(at, end);
  if (at && at != end && *at == '.') at = some_digits_end(at + 1, end);
  if (at && at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    at = some_digits_end(at, end);
  }
  return at;
}

template <std::size_t size>
inline const char* literal_end(const char* at, const char* end, const char (&literal)[size]) {
  constexpr std::ptrdiff_t kLength = size - 1;
  return end - at >= kLength && std::memcmp(at, literal, size - 1) == 0 ? at + kLength : nullptr;
}

/// Whether a number or a literal may end before this byte.
inline bool ends_scalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ':' || is_space(c);
}

/// Where the number or literal ends that begins here.
inline const char* scalar_end(const char* at, const char* end) {
  if (at == end) return nullptr;
  if (*at >= '1' && *at <= '9') {  // as most are, ids among them
    const char* digits = digits_end(at + 1, end);
    if (digits != end && (*digits == ',' || *digits == '}')) return digits;
  }
  switch (*at) {
    case 't': at = literal_end(at, end, "true"); break;
    case 'f': at = literal_end(at, end, "false"); break;
    case 'n': at = literal_end(at, end, "null"); break;
    default: at = number_end(at, end); break;
  }
  return !at || at == end || ends_scalar(*at) ? at : nullptr;
}

/// Finds tokens by looking at every byte. Does not check that the text is UTF-8.
class ScanTokens {
 public:
  explicit ScanTokens(std::string_view text)
      : begin_(text.data()), end_(text.data() + text.size()) {}

  [[nodiscard]] const char* first() const { return after(begin_); }

  /// Most lines hold no white space.
  [[nodiscard]] const char* after(const char* at) const {
    while (at != end_ && static_cast<unsigned char>(*at) <= ' ' && is_space(*at))
      ++at;
    return at;
  }

  [[nodiscard]] bool is_end(const char* at) const { return at == end_; }
  [[nodiscard]] bool is_over(const char* at) const { return is_end(at); }
  [[nodiscard]] bool is(const char* at, char c) const { return at != end_ && *at == c; }

  const char* string(const char*& at, bool& escaped, const char*& fault) const {
    escaped = false;
    at = plain_end(at + 1, end_);
    while (at != end_ && *at == '\\') {
      escaped = true;
      const char* end = escape_end(at, end_);
      if (!end) {
        fault = "a string holds an invalid escape";
        return nullptr;
      }
      at = end != end_ && *end == '\\' ? end : plain_end(end, end_);
    }
    if (at != end_ && *at == '"') return at + 1;
    fault = "a string holds a control character";
    return nullptr;
  }

 private:
  const char* begin_;
  const char* end_;
};

}  // namespace stdiogate::json
