#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "src/json/scan.h"

namespace stdiogate::json {

/// Whether there is a backslash.
inline bool has_escapes(std::string_view text) {
  return std::memchr(text.data(), '\\', text.size()) != nullptr;
}

/// The tokens simdjson's first stage has found: where each begins, UTF-8 and the ends of strings
/// being checked already. Its second stage is not used: it refuses numbers beyond a double and lone
/// surrogates, which are valid JSON.
///
///     text    {"id":7}
///     index   0 1 5 6 7 | 0
///
/// The text is one that begins with a bracket and ends with one. So the walk asks for a token
/// behind the last only where a comma or a closing bracket may stand, and nothing needs to be
/// compared with the end: alone, a text has its first token there once more, which is neither. Of a
/// text among others it is a token of the next, which may be one: then `is_over` says no.
class IndexTokens {
 public:
  /// `base`: what the index counts from. `next`: of the first token of the text.
  IndexTokens(std::string_view text, const char* base, const std::uint32_t*& next, bool escapes)
      : begin_(base),
        first_(base + *next),
        end_(text.data() + text.size()),
        next_(next),
        behind_(&next),
        escapes_(escapes) {}

  /// Whether the text is such a one.
  static bool can_walk(char first, char last) {
    return (first == '{' || first == '[') && (last == '}' || last == ']');
  }

  [[nodiscard]] const char* first() { return after(nullptr); }
  [[nodiscard]] const char* after(const char*) { return begin_ + *next_++; }
  [[nodiscard]] bool is_end(const char* at) const { return at == first_; }
  [[nodiscard]] bool is(const char* at, char c) const { return *at == c; }

  [[nodiscard]] bool is_over(const char* at) {
    *behind_ = next_ - 1;
    return (at >= end_ || at == first_) && begin_ + next_[-2] < end_;
  }

  [[gnu::always_inline]] const char* string(const char*& at, bool& escaped,
                                            const char*& fault) const {
    // Only white space stands between the closing quote and the next token, and there is one.
    const char* end = begin_ + *next_;
    while (end[-1] != '"')
      --end;
    escaped = escapes_ && has_escapes({at, end});
    if (!escaped || has_valid_escapes(at, end)) return end;
    fault = "a string holds an escape that is none";
    return nullptr;
  }

 private:
  /// `at`: the opening quote. If one is none `at` is moved there.
  static bool has_valid_escapes(const char*& at, const char* end) {
    const char* escape = at;
    while ((escape = static_cast<const char*>(
                std::memchr(escape, '\\', static_cast<std::size_t>(end - escape))))) {
      const char* next = escape_end(escape, end);
      if (!next) {
        at = escape;
        return false;
      }
      escape = next;
    }
    return true;
  }

  const char* begin_;
  const char* first_;
  const char* end_;
  const std::uint32_t* next_;
  const std::uint32_t** behind_;  // where the next text begins, when the walk is over
  bool escapes_;
};

}  // namespace stdiogate::json
