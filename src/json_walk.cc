#include "json_walk.h"

#include <cstring>

#include "json_scan.h"
#include "json_text.h"

namespace stdiogate::json {

namespace {

/// Which object's members the walk is among.
enum class Where : std::uint8_t { message, params, params_meta, result, result_meta, elsewhere };

template <std::size_t size>
bool is(std::string_view name, const char (&text)[size]) {
  return name.size() == size - 1 && std::memcmp(name.data(), text, size - 1) == 0;
}

Field field_in_message(std::string_view name) {
  if (is(name, "id")) return Field::id;
  if (is(name, "jsonrpc")) return Field::jsonrpc;
  if (is(name, "method")) return Field::method;
  if (is(name, "params")) return Field::params;
  if (is(name, "result")) return Field::result;
  return is(name, "error") ? Field::error : Field::none;
}

Field field_in_params(std::string_view name) {
  if (is(name, "name")) return Field::name;
  if (is(name, "_meta")) return Field::params_meta;
  if (is(name, "requestId")) return Field::request_id;
  if (is(name, "progressToken")) return Field::progress_token;
  return is(name, "id") ? Field::params_id : Field::none;
}

/// The field that `name`, unescaped, names in that object.
Field field_of(Where where, std::string_view name) {
  const bool subscription = is(name, "io.modelcontextprotocol/subscriptionId");
  switch (where) {
    case Where::message: return field_in_message(name);
    case Where::params: return field_in_params(name);
    case Where::params_meta:
      if (is(name, "progressToken")) return Field::requested_token;
      return subscription ? Field::params_subscription : Field::none;
    case Where::result: return is(name, "_meta") ? Field::result_meta : Field::none;
    case Where::result_meta: return subscription ? Field::result_subscription : Field::none;
    case Where::elsewhere: break;
  }
  return Field::none;
}

/// Each step is handed where it begins and returns where it ends, or null if it fails: the place is
/// kept in a register all the way.
class Walk {
 public:
  Walk(std::string_view text, bool subscriptions, Found& found)
      : begin_(text.data()),
        end_(text.data() + text.size()),
        subscriptions_(subscriptions),
        found_(found) {}

  bool run(unsigned max_depth) {
    const char* at = value(token(begin_), Where::message, max_depth);
    if (!at) return false;
    at = token(at);
    return at == end_ || fail(at, "something follows the value");
  }

 private:
  const char* fail(const char* at, const char* what) {
    found_.what = at == end_ ? "it ends too early" : what;
    found_.at = static_cast<std::size_t>(at - begin_);
    return nullptr;
  }

  /// Where the next token begins. Most lines hold no white space.
  [[nodiscard]] const char* token(const char* at) const {
    while (at != end_ && static_cast<unsigned char>(*at) <= ' ' && is_space(*at))
      ++at;
    return at;
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
    at = token(at + 1);
    if (is_at(at, '}')) return at + 1;
    for (;;) {
      if (!is_at(at, '"')) return fail(at, "expected a member's name");
      const char* name = at + 1;
      at = string(at);
      if (!at) return nullptr;
      const Field field = where == Where::elsewhere ? Field::none : note(where, name, at - 1);
      at = token(at);
      if (!is_at(at, ':')) return fail(at, "expected a colon");
      const char* begin = token(at + 1);
      at = value(begin, inside(field), depth - 1);
      if (!at) return nullptr;
      if (field != Field::none) found_.value(field, begin, at);
      at = token(at);
      if (is_at(at, ',')) {
        at = token(at + 1);
      } else {
        return is_at(at, '}') ? at + 1 : fail(at, "expected a comma or a closing brace");
      }
    }
  }

  [[gnu::noinline]] const char* array(const char* at, unsigned depth) {
    if (depth == 0) return fail(at, "it is nested too deep");
    at = token(at + 1);
    if (is_at(at, ']')) return at + 1;
    for (;;) {
      at = value(at, Where::elsewhere, depth - 1);
      if (!at) return nullptr;
      at = token(at);
      if (is_at(at, ',')) {
        at = token(at + 1);
      } else {
        return is_at(at, ']') ? at + 1 : fail(at, "expected a comma or a closing bracket");
      }
    }
  }

  const char* string(const char* at) {
    escaped_ = false;
    if (end_ - at > kBlock + 1) {  // most strings are short and plain
      const std::ptrdiff_t special = first_of(not_plain(at + 1));
      at += 1 + special;
      return *at == '"' ? at + 1 : rest_of_string(at);
    }
    return rest_of_string(at + 1);
  }

  [[gnu::noinline]] const char* rest_of_string(const char* at) {
    at = plain_end(at, end_);
    while (is_at(at, '\\')) {
      escaped_ = true;
      const char* end = escape_end(at, end_);
      if (!end) return fail(at, "a string holds an escape that is none");
      at = is_at(end, '\\') ? end : plain_end(end, end_);
    }
    return is_at(at, '"') ? at + 1 : fail(at, "a string holds a control character");
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

  const char* begin_;
  const char* end_;
  bool subscriptions_;
  bool escaped_ = false;  // the last string holds escapes
  Found& found_;
};

}  // namespace

bool walk(std::string_view text, bool subscriptions, unsigned max_depth, Found& found) {
  return Walk(text, subscriptions, found).run(max_depth);
}

Elements::Elements(std::string_view array)
    : at_(array.data() + array.find('[') + 1), end_(array.data() + array.size()) {}

std::string_view Elements::next() {
  while (is_space(*at_) || *at_ == ',')
    ++at_;
  if (*at_ == ']') return {};
  const char* begin = at_;
  at_ = value_end(at_, end_);
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

}  // namespace stdiogate::json
