#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json_text.h"

/// One walk over a line: is all of it one JSON value by RFC 8259, and where do the members stand
/// that the gate must know? The walk is the same whoever finds the tokens: simdjson (message.cc)
/// for ordinary lines, ScanTokens for giants, which takes no memory.
namespace stdiogate::json {

/// The members the gate looks for, each in one kind of object.
enum class Field : std::uint8_t {
  jsonrpc,
  id,
  method,
  params,
  result,
  error,  // of the message
  request_id,
  params_id,
  name,
  progress_token,
  params_meta,  // of params
  requested_token,
  params_subscription,  // of params._meta
  result_meta,          // of result
  result_subscription,  // of result._meta
  none,
};
inline constexpr std::size_t kFields = static_cast<std::size_t>(Field::none);

/// Which object's members the walk is among.
enum class Where : std::uint8_t { message, params, params_meta, result, result_meta, elsewhere };

struct Member {
  std::uint32_t count = 0;  // how often it stands there
  std::size_t begin = 0;    // of its last value, in the text
  std::size_t end = 0;      // 0 until that value has been read
};

/// What a walk has found, whole or up to where it failed.
struct Found {
  Member members[kFields];
  const char* what = "";  // why it failed
  std::size_t at = 0;     // and where

  [[nodiscard]] const Member& operator[](Field field) const {
    return members[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] Member& operator[](Field field) { return members[static_cast<std::size_t>(field)]; }
};

inline bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether a number or a literal may end before this byte.
inline bool ends_scalar(char c) {
  return is_space(c) || c == ',' || c == ']' || c == '}' || c == ':';
}

/// Where the token that is no string and no bracket ends, by the grammar of numbers and literals,
/// or 0 if there is no such token at `begin`.
std::size_t scalar_end(std::string_view text, std::size_t begin);

/// The first byte at or after `at` that is no plain character of a string: a quote, a backslash, a
/// control character, or the end.
std::size_t plain_end(std::string_view text, std::size_t at);

/// The field that `name`, unescaped, names in that object.
Field field_of(Where where, std::string_view name);

/// Finds tokens by looking at every byte. Does not check that the text is UTF-8.
class ScanTokens {
 public:
  explicit ScanTokens(std::string_view text) : text_(text) { skip_space(); }

  /// Where the next token begins; the length of the text if there is none.
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  /// The first byte of the next token; NUL if there is none.
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  /// Goes to the token after this one, which ends at `end`.
  void advance(std::size_t end) {
    at_ = end;
    skip_space();
  }
  /// The end of the string that begins here, closing quote included; 0 if it is not a valid one.
  [[nodiscard]] std::size_t string_end() const;

 private:
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The elements of an array that is known to be valid JSON, one after the other.
class Elements {
 public:
  /// `array`: the text of the array, perhaps with white space around it.
  explicit Elements(std::string_view array) : text_(array), tokens_(array) {
    tokens_.advance(tokens_.at() + 1);
  }

  /// The text of the next element, without white space around it; empty when there is none left.
  std::string_view next();

 private:
  std::size_t value_end();

  std::string_view text_;
  ScanTokens tokens_;
};

template <class Tokens>
class Walk {
 public:
  Walk(std::string_view text, Tokens tokens, bool subscriptions, Found& found)
      : text_(text), tokens_(tokens), subscriptions_(subscriptions), found_(found) {}

  /// Walks the whole text. False: it is not one JSON value.
  bool run(unsigned max_depth) {
    if (!value(Where::message, Field::none, max_depth)) return false;
    return tokens_.done() || fail("something follows the value");
  }

 private:
  bool fail(const char* what) {
    found_.what = tokens_.done() ? "it ends too early" : what;
    found_.at = tokens_.at();
    return false;
  }

  /// Walks one value, which is that of `field`; if it is an object, its members are those of
  /// `where`. `depth`: how many more levels there may be.
  bool value(Where where, Field field, unsigned depth) {
    const std::size_t begin = tokens_.at();
    bool good = false;
    switch (tokens_.peek()) {
      case '{': good = object(where, depth); break;
      case '[': good = array(depth); break;
      case '"': good = string(); break;
      default: good = scalar(); break;
    }
    if (!good) return false;
    if (field != Field::none) {
      found_[field].begin = begin;
      found_[field].end = end_;
    }
    return true;
  }

  bool object(Where where, unsigned depth) {
    if (depth == 0) return fail("it is nested too deep");
    step();
    if (tokens_.peek() == '}') return step();
    for (;;) {
      if (tokens_.peek() != '"') return fail("expected a member's name");
      const std::size_t name = tokens_.at() + 1;
      if (!string()) return false;
      const Field field = where == Where::elsewhere ? Field::none : note(where, name);
      if (tokens_.peek() != ':') return fail("expected a colon");
      step();
      if (!value(inside(field), field, depth - 1)) return false;
      if (tokens_.peek() == '}') return step();
      if (tokens_.peek() != ',') return fail("expected a comma or a closing brace");
      step();
    }
  }

  bool array(unsigned depth) {
    if (depth == 0) return fail("it is nested too deep");
    step();
    if (tokens_.peek() == ']') return step();
    for (;;) {
      if (!value(Where::elsewhere, Field::none, depth - 1)) return false;
      if (tokens_.peek() == ']') return step();
      if (tokens_.peek() != ',') return fail("expected a comma or a closing bracket");
      step();
    }
  }

  bool string() {
    const std::size_t end = tokens_.string_end();
    if (end == 0) return fail("not a valid string");
    end_ = end;
    tokens_.advance(end);
    return true;
  }

  bool scalar() {
    const std::size_t end = scalar_end(text_, tokens_.at());
    if (end == 0) return fail("expected a value");
    end_ = end;
    tokens_.advance(end);
    return true;
  }

  /// Goes over a token of one character.
  bool step() {
    end_ = tokens_.at() + 1;
    tokens_.advance(end_);
    return true;
  }

  /// Notes that a member stands here whose name begins at `name` and was the last token.
  Field note(Where where, std::size_t name) {
    const std::string_view raw = text_.substr(name, end_ - 1 - name);
    const bool plain = raw.find('\\') == std::string_view::npos;
    const Field field = plain ? field_of(where, raw) : field_of(where, unescaped(raw));
    if (field != Field::none) {
      ++found_[field].count;
      found_[field].end = 0;
    }
    return field;
  }

  [[nodiscard]] Where inside(Field field) const {
    if (field == Field::params) return Where::params;
    if (field == Field::params_meta) return Where::params_meta;
    if (field == Field::result && subscriptions_) return Where::result;
    if (field == Field::result_meta) return Where::result_meta;
    return Where::elsewhere;
  }

  std::string_view text_;
  Tokens tokens_;
  bool subscriptions_;
  Found& found_;
  std::size_t end_ = 0;  // of the last token
};

}  // namespace stdiogate::json
