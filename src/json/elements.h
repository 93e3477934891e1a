#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "src/json/quoting.h"
#include "src/json/scan.h"

/// Takes arrays and objects apart that are known to be valid JSON.
namespace stdiogate::json {

/// Where the string ends that begins here and is known to be valid.
inline const char* string_end(const char* at, const char* end) {
  for (at = plain_end(at + 1, end); *at != '"'; at = plain_end(at + 2, end)) {
  }
  return at + 1;
}

/// Where the value ends that begins here and is known to be valid.
inline const char* value_end(const char* at, const char* end) {
  std::size_t depth = 0;
  do {
    switch (*at) {
      case '"': at = string_end(at, end); break;
      case '{':
      case '[':
        ++depth;
        ++at;
        break;
      case '}':
      case ']':
        --depth;
        ++at;
        break;
      default: at = depth == 0 ? scalar_end(at, end) : at + 1; break;
    }
  } while (depth > 0);
  return at;
}

/// The elements of an array or the members of an object that is known to be valid JSON, one after
/// the other; any other value has none.
class Parts {
 public:
  explicit Parts(std::string_view whole) : tokens_(whole), end_(whole.data() + whole.size()) {
    const char* at = tokens_.first();
    are_named_ = tokens_.is(at, '{');
    if (are_named_ || tokens_.is(at, '[')) at_ = at + 1;
  }

  /// Takes the next. False if there is none left.
  bool next() {
    if (at_) at_ = tokens_.after(at_);
    if (!at_ || *at_ == '}' || *at_ == ']') return false;
    if (*at_ == ',') at_ = tokens_.after(at_ + 1);
    const char* begin = at_;
    if (are_named_) {
      const char* name_end = string_end(at_, end_);
      name = {at_ + 1, name_end - 1};
      begin = tokens_.after(tokens_.after(name_end) + 1);
    }
    at_ = value_end(begin, end_);
    value = {begin, at_};
    return true;
  }

  /// How many there are from here on.
  [[nodiscard]] std::size_t count() const {
    std::size_t count = 0;
    for (Parts rest = *this; rest.next();)
      ++count;
    return count;
  }

  std::string_view name;   // of a member: as written, without quotes
  std::string_view value;  // its JSON text

 private:
  ScanTokens tokens_;
  const char* end_;
  const char* at_ = nullptr;
  bool are_named_ = false;
};

/// The JSON text that a path of names leads to, at each step the last member of that name; empty if
/// it leads nowhere.
inline std::string_view value_at(std::string_view json,
                                 std::initializer_list<std::string_view> path) {
  for (const std::string_view name : path) {
    Parts members(json);
    json = {};
    while (members.next()) {
      const bool escaped = members.name.find('\\') != std::string_view::npos;
      if (escaped ? unescaped(members.name) == name : members.name == name) json = members.value;
    }
  }
  return json;
}

/// What a JSON string stands for, up to `most` bytes of it; empty for any other value.
inline std::string text_of(std::string_view json, std::size_t most = std::string_view::npos) {
  return json.starts_with('"') ? unescaped(json.substr(1, json.size() - 2), most) : "";
}

/// The same of a string of at most `most` bytes; empty for a longer one, too.
inline std::string short_text(std::string_view json, std::size_t most) {
  return json.size() <= most + 2 ? text_of(json) : "";
}

}  // namespace stdiogate::json
