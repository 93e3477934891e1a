#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// One walk over a line: is all of it one JSON value by RFC 8259, and where do the members stand
/// that the gate must know? It takes no memory, whatever the size of the line.
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

/// Walks the text, which is known to be UTF-8. False: it is not one JSON value nested at most
/// `max_depth` deep. `subscriptions`: look into `result`, too.
[[nodiscard]] bool walk(std::string_view text, bool subscriptions, unsigned max_depth,
                        Found& found);

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
