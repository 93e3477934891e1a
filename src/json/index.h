#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "src/json/scan.h"

namespace stdiogate::json {

/// Whether all of it is UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

inline bool has_escapes(std::string_view text) {
  return std::memchr(text.data(), '\\', text.size()) != nullptr;
}

/// The tokens of one line among others, by the index.
///
///     lines   {"id":7}\n{}\n
///     index   0 1 5 6 7 | 9 10 | 11
///
/// The line begins with a bracket and ends with one. So the walk asks for a token behind the last
/// only where a comma or a closing bracket may be. It then gets the first token of the next line,
/// which may be one of these; `is_over` says at the end whether that has happened.
class IndexTokens {
 public:
  /// `base`: what the index counts from. `next`: the entry of the line's first token; moved behind
  /// the line when the walk is over without a fault, so that a faulty line can be read again.
  IndexTokens(std::string_view line, const char* base, const std::uint32_t*& next, bool escapes)
      : base_(base),
        end_(line.data() + line.size()),
        next_(next),
        behind_(&next),
        escapes_(escapes) {}

  [[nodiscard]] const char* first() { return after(nullptr); }
  [[nodiscard]] const char* after(const char*) { return base_ + *next_++; }
  [[nodiscard]] bool is_end(const char*) const { return false; }
  [[nodiscard]] bool is(const char* at, char c) const { return *at == c; }

  [[nodiscard]] bool is_over(const char* at) {
    if (at < end_ || base_ + next_[-2] >= end_) return false;
    *behind_ = next_ - 1;
    return true;
  }

  [[gnu::always_inline]] const char* string(const char*& at, bool& escaped, const char*&) const {
    // Only white space is between the closing quote and the next token, and there is one.
    const char* end = base_ + *next_;
    while (end[-1] != '"')
      --end;
    escaped = escapes_ && has_escapes({at, end});
    return !escaped || has_valid_escapes(at, end) ? end : nullptr;
  }

 private:
  static bool has_valid_escapes(const char* at, const char* end) {
    while ((
        at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at))))) {
      if (!(at = escape_end(at, end))) return false;
    }
    return true;
  }

  const char* base_;
  const char* end_;
  const std::uint32_t* next_;
  const std::uint32_t** behind_;
  bool escapes_;
};

/// Where the tokens of many lines begin: simdjson's first stage over all of them at once, which
/// also checks UTF-8 and the ends of strings. Its second stage is not used: it refuses numbers
/// beyond a double and lone surrogates, which are valid JSON.
///
/// The first stage is simdjson's inside: a virtual function and two members marked private. This
/// file and index.cc are one room, the only one that knows it. What they rely on is what the cases
/// of tests/unit/json/index_test.cc are named for.
class Index {
 public:
  static constexpr std::size_t kMaxBytes = 8 * 1024;  // four bytes of index for each

  Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  /// These lines will be asked for, mostly in their order, each with its newline. They are read in
  /// pieces of kMaxBytes, and must stay as they are until others are expected. A line that is
  /// larger, or shares a piece with a fault, is not found.
  void expect(std::string_view lines) {
    rest_ = lines;
    (void)read({});
  }

  /// Finds the tokens of these lines. False, and there are none, if the lines are too many or hold
  /// a fault anywhere.
  bool read(std::string_view lines);

  /// Where the tokens of all lines begin, in bytes from the first, and the last newline.
  [[nodiscard]] std::span<const std::uint32_t> offsets() const { return offsets_; }

  /// Whether this is one of the lines, or a part of one, not before the place asked for last, and
  /// begins and ends with a bracket.
  [[nodiscard]] bool has(std::string_view line) {
    if (is_in(line, rest_)) read_from(line);
    if (!is_in(line, lines_)) return false;
    const char* base = lines_.data();
    const auto begin = static_cast<std::uint32_t>(line.data() - base);
    while (*next_ < begin)
      ++next_;
    // A part may begin within a token, or before the place asked for last.
    if (*next_ != begin && !is_blank_before(*next_ - begin, line)) return false;
    return (base[*next_] == '{' || base[*next_] == '[') &&
           (line.back() == '}' || line.back() == ']');
  }

  /// The tokens of a line that `has` has just found.
  [[nodiscard]] IndexTokens tokens(std::string_view line) {
    return {line, lines_.data(), next_, escapes_ && has_escapes(line)};
  }

 private:
  static bool is_in(std::string_view line, std::string_view lines) {
    const std::less<> before;
    return !lines.empty() && !line.empty() && !before(line.data(), lines.data()) &&
           before(line.data() + line.size(), lines.data() + lines.size());
  }
  static bool is_blank_before(std::size_t at, std::string_view line) {
    return at < line.size() && std::ranges::all_of(line.substr(0, at), is_space);
  }
  void read_from(std::string_view line);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd_;
  std::string_view lines_;  // whose tokens are known; empty: none
  std::string_view rest_;   // expected behind them
  std::span<const std::uint32_t> offsets_;
  const std::uint32_t* next_ = nullptr;  // of the first token not read yet
  bool escapes_ = false;                 // the lines have some
};

}  // namespace stdiogate::json
