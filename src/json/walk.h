#pragma once

#include <cstddef>
#include <string_view>

#include "src/json/members.h"
#include "src/json/quoting.h"
#include "src/json/scan.h"

/// One walk over a line: is all of it one JSON value by RFC 8259, and where are the members that
/// the gate must know? The walk is the same for both tokenizers: IndexTokens (index.h) for the
/// lines of a read, ScanTokens (scan.h) for giants, which takes no memory, and for what is left.
namespace stdiogate::json {

/// One loop over the tokens. A list says what it is within, so that the place it is at stays in
/// registers: a call for each value would store and load it at every token.
///
/// `Tokens` finds the tokens, one behind the other:
///     const char* first()                  where the first begins
///     const char* after(const char* end)   where the one after a token that ends here begins
///     bool is_end(const char* at)          whether that was none
///     bool is_over(const char* at)         the same, asked once, when the value has ended
///     bool is(const char* at, char c)      whether one begins here, with this byte
///     const char* string(const char*& at, bool& escaped, const char*& fault)
///                                          where the string ends that begins here, the last token
///                                          found. `escaped`: it has escapes. Null if it is not
///                                          valid: `fault` is the reason, `at` is moved to it
template <class Tokens, unsigned max_depth>
class Walk {
 public:
  /// `results`: look for members of a result, too.
  Walk(std::string_view text, Tokens tokens, bool results, Found& found)
      : text_(text), tokens_(tokens), results_(results), found_(found) {}

  /// Whether all of it is one value, nested `max_depth` deep at most.
  bool run() {
    Tokens tokens = tokens_;
    const char* at = tokens.first();
    Level levels[max_depth + 1];
    Level* level = levels;
    *level = {0, Where::elsewhere, Where::message, Field::none, at};
    for (;;) {
      if (level->closer == '}' && !(at = name(tokens, *level, at))) return false;
      if (tokens.is(at, '{') || tokens.is(at, '[')) {
        if (level == levels + max_depth) return fail(at, "it is nested too deep");
        if (level == levels) found_.first = *at;
        const bool object = *at == '{';
        const Where where = object ? level->inside : Where::elsewhere;
        *++level = {object ? '}' : ']', where, Where::elsewhere, Field::none, at};
        at = tokens.after(at + 1);
        if (!tokens.is(at, level->closer)) continue;
        --level;
        ++at;
      } else if (!(at = plain_value(tokens, at))) {
        return false;
      }
      // A value has ended, and with it perhaps what it is the last of.
      for (;;) {
        if (level->field != Field::none) found_.value(level->field, level->begin, at);
        at = tokens.after(at);
        if (level == levels) return tokens.is_over(at) || fail(at, "something follows the value");
        if (tokens.is(at, ',')) break;
        if (!tokens.is(at, level->closer)) return fail(at, is_not_closed(*level));
        --level;
        ++at;
      }
      at = tokens.after(at + 1);
    }
  }

 private:
  /// What the walk is within: an object, an array, or at first the text itself. It has no
  /// constructor: most of the list of levels is never touched.
  struct Level {
    char closer;        // the byte it ends with
    Where where;        // whose members these are
    Where inside;       // the same of the value that is read, if it is an object
    Field field;        // what that value is
    const char* begin;  // where that begins; set only if `field` is not none
  };

  [[gnu::cold]] bool fail(const char* at, const char* what) {
    const bool at_end = tokens_.is_end(at);
    found_.what = at_end ? "it ends too early" : what;
    found_.at = at_end ? text_.size() : static_cast<std::size_t>(at - text_.data());
    return false;
  }

  static const char* is_not_closed(const Level& level) {
    return level.closer == '}' ? "expected a comma or a closing brace"
                               : "expected a comma or a closing bracket";
  }

  /// A string, a number or a literal. Null if it is none.
  [[gnu::always_inline]] const char* plain_value(Tokens& tokens, const char* at) {
    if (tokens.is(at, '"')) {
      bool escaped = false;
      const char* end = string(tokens, at, escaped);
      if (escaped) found_.escapes = true;
      return end;
    }
    const char* end = scalar_end(at, text_.data() + text_.size());
    if (!end) (void)fail(at, "expected a value");
    return end;
  }

  [[gnu::always_inline]] const char* string(Tokens& tokens, const char* at, bool& escaped) {
    const char* fault = nullptr;
    const char* end = tokens.string(at, escaped, fault);
    if (!end) (void)fail(at, fault);
    return end;
  }

  /// The name of a member and its colon. Returns where its value begins, null if it has none.
  [[gnu::always_inline]] const char* name(Tokens& tokens, Level& level, const char* at) {
    if (!tokens.is(at, '"')) {
      (void)fail(at, "expected a member's name");
      return nullptr;
    }
    bool escaped = false;
    const char* end = string(tokens, at, escaped);
    if (!end) return nullptr;
    if (level.where != Where::elsewhere) note(level, {at + 1, end - 1}, escaped);
    at = tokens.after(end);
    if (!tokens.is(at, ':')) {
      (void)fail(at, "expected a colon");
      return nullptr;
    }
    level.begin = tokens.after(at + 1);
    return level.begin;
  }

  /// Notes that a member is here, and its name.
  [[gnu::always_inline]] void note(Level& level, std::string_view name, bool escaped) {
    const Member& member =
        escaped ? escaped_member(level.where, name) : member_of(level.where, name);
    level.field = member.field;
    level.inside = member.field == Field::result && !results_ ? Where::elsewhere : member.inside;
    if (member.field != Field::none) found_.name(member.field);
  }

  [[gnu::noinline]] static const Member& escaped_member(Where where, std::string_view name) {
    return member_of(where, unescaped(name));
  }

  std::string_view text_;
  Tokens tokens_;  // at the beginning
  bool results_;
  Found& found_;
};

}  // namespace stdiogate::json
