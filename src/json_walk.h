#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json_scan.h"
#include "json_text.h"

/// One walk over a line: is all of it one JSON value by RFC 8259, and where do the members stand
/// that the gate must know? The walk is the same whoever finds the tokens: simdjson (message.cc)
/// for ordinary lines, ScanTokens (json_scan.h) for giants, which takes no memory.
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

/// Some fields, a bit for each.
using Fields = std::uint32_t;
constexpr Fields bit(Field field) {
  return Fields{1} << static_cast<unsigned>(field);
}
template <class... Rest>
constexpr Fields bits(Rest... fields) {
  return (bit(fields) | ...);
}

/// What a walk has found, whole or up to where it failed. Made for every line: of the values only
/// those that are there are ever written or read.
struct Found {
  Fields present = 0;     // those whose name stands there
  Fields doubled = 0;     // more than once
  Fields read = 0;        // those whose last value has been read
  const char* what = "";  // why it failed
  std::size_t at = 0;     // and where
  struct {
    const char* begin;
    const char* end;
  } values[kFields];

  [[nodiscard]] bool has(Fields any) const { return (present & any) != 0; }
  [[nodiscard]] bool has_twice(Fields any) const { return (doubled & any) != 0; }

  /// The JSON text of the last value; empty if there is none.
  [[nodiscard]] std::string_view operator[](Field field) const {
    if ((read & bit(field)) == 0) return {};
    const auto& value = values[static_cast<std::size_t>(field)];
    return {value.begin, value.end};
  }

  void name(Field field) {
    doubled |= present & bit(field);
    present |= bit(field);
    read &= ~bit(field);
  }
  void value(Field field, const char* begin, const char* end) {
    read |= bit(field);
    values[static_cast<std::size_t>(field)] = {begin, end};
  }
};

/// Which object's members the walk is among.
enum class Where : std::uint8_t { message, params, params_meta, result, result_meta, elsewhere };

/// The field that `name`, unescaped, names in that object.
[[nodiscard]] Field field_of(Where where, std::string_view name);

/// Each step is handed where it begins and returns where it ends, or null if it fails: the place is
/// kept in a register all the way.
///
/// `Tokens` finds the tokens, one behind the other:
///     const char* first()                  where the first one begins
///     const char* after(const char* end)   where the one begins that comes after the one ending
///     here const char* string(const char*& at, bool& escaped, const char*& fault)
///                                          where the string ends that begins here and was the last
///                                          to be found; null if it is none, with the reason and
///                                          `at` being moved there. `escaped`: it holds escapes
template <class Tokens>
class Walk {
 public:
  Walk(std::string_view text, Tokens tokens, bool subscriptions, Found& found)
      : tokens_(tokens),
        begin_(text.data()),
        end_(text.data() + text.size()),
        subscriptions_(subscriptions),
        found_(found) {}

  bool run(unsigned max_depth) {
    const char* at = value(tokens_.first(), Where::message, max_depth);
    if (!at) return false;
    at = tokens_.after(at);
    return at == end_ || fail(at, "something follows the value");
  }

 private:
  const char* fail(const char* at, const char* what) {
    found_.what = at == end_ ? "it ends too early" : what;
    found_.at = static_cast<std::size_t>(at - begin_);
    return nullptr;
  }

  [[nodiscard]] bool is_at(const char* at, char c) const { return at != end_ && *at == c; }

  /// If it is an object, its members are those of `where`. `depth`: how many levels there may be.
  const char* value(const char* at, Where where, unsigned depth) {
    if (is_at(at, '"')) return string(at);
    if (is_at(at, '{')) return object(at, where, depth);
    if (is_at(at, '[')) return array(at, depth);
    const char* end = scalar_end(at, end_);
    return end ? end : fail(at, "expected a value");
  }

  [[gnu::noinline]] const char* object(const char* at, Where where, unsigned depth) {
    if (depth == 0) return fail(at, "it is nested too deep");
    at = tokens_.after(at + 1);
    if (is_at(at, '}')) return at + 1;
    for (;;) {
      if (!is_at(at, '"')) return fail(at, "expected a member's name");
      const char* name = at + 1;
      at = string(at);
      if (!at) return nullptr;
      const Field field = where == Where::elsewhere ? Field::none : note(where, name, at - 1);
      at = tokens_.after(at);
      if (!is_at(at, ':')) return fail(at, "expected a colon");
      const char* begin = tokens_.after(at + 1);
      at = value(begin, inside(field), depth - 1);
      if (!at) return nullptr;
      if (field != Field::none) found_.value(field, begin, at);
      at = tokens_.after(at);
      if (is_at(at, ',')) {
        at = tokens_.after(at + 1);
      } else {
        return is_at(at, '}') ? at + 1 : fail(at, "expected a comma or a closing brace");
      }
    }
  }

  [[gnu::noinline]] const char* array(const char* at, unsigned depth) {
    if (depth == 0) return fail(at, "it is nested too deep");
    at = tokens_.after(at + 1);
    if (is_at(at, ']')) return at + 1;
    for (;;) {
      at = value(at, Where::elsewhere, depth - 1);
      if (!at) return nullptr;
      at = tokens_.after(at);
      if (is_at(at, ',')) {
        at = tokens_.after(at + 1);
      } else {
        return is_at(at, ']') ? at + 1 : fail(at, "expected a comma or a closing bracket");
      }
    }
  }

  const char* string(const char* at) {
    const char* fault = nullptr;
    const char* end = tokens_.string(at, escaped_, fault);
    return end ? end : fail(at, fault);
  }

  /// Notes that a member stands here and what it is called.
  Field note(Where where, const char* name, const char* name_end) {
    const std::string_view raw(name, name_end);
    const Field field = escaped_ ? field_of(where, unescaped(raw)) : field_of(where, raw);
    if (field != Field::none) found_.name(field);
    return field;
  }

  [[nodiscard]] Where inside(Field field) const {
    switch (field) {
      case Field::params: return Where::params;
      case Field::params_meta: return Where::params_meta;
      case Field::result: return subscriptions_ ? Where::result : Where::elsewhere;
      case Field::result_meta: return Where::result_meta;
      default: return Where::elsewhere;
    }
  }

  Tokens tokens_;
  const char* begin_;
  const char* end_;
  bool subscriptions_;
  bool escaped_ = false;  // the last string holds escapes
  Found& found_;
};

/// The elements of an array that is known to be valid JSON, one after the other.
class Elements {
 public:
  /// `array`: the text of the array, perhaps with white space around it.
  explicit Elements(std::string_view array);

  /// The text of the next element, without white space around it; empty when there is none left.
  std::string_view next();

 private:
  const char* at_;
  const char* end_;
};

}  // namespace stdiogate::json
