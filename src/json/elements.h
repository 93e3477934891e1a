#pragma once

#include <cstddef>
#include <string_view>

#include "src/json/scan.h"

/// Takes an array apart that is known to be valid JSON.
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

/// The elements of an array that is known to be valid JSON, one after the other.
class Elements {
 public:
  /// `array`: the text of the array, perhaps with white space around it.
  explicit Elements(std::string_view array)
      : at_(array.data() + array.find('[') + 1), end_(array.data() + array.size()) {}

  /// The text of the next element, without white space around it; empty when there is none left.
  std::string_view next() {
    while (is_space(*at_) || *at_ == ',')
      ++at_;
    if (*at_ == ']') return {};
    const char* begin = at_;
    at_ = value_end(at_, end_);
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  /// How many there are from here on.
  [[nodiscard]] std::size_t count() const {
    std::size_t count = 0;
    for (Elements rest = *this; !rest.next().empty();)
      ++count;
    return count;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace stdiogate::json
