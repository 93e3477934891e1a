#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Which members of a line the gate must know, and what a walk over it has found of them.
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
  char first = 0;         // the bracket it begins with, if it is an object or an array
  bool escapes = false;   // a string that is a value holds escapes
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
    if ((present & bit(field)) == 0) return {};
    const auto& value = values[static_cast<std::size_t>(field)];
    return {value.begin, static_cast<std::size_t>(value.end - value.begin)};
  }

  void name(Field field) {
    doubled |= present & bit(field);
    present |= bit(field);
    values[static_cast<std::size_t>(field)] = {};  // the text may end before its value
  }
  void value(Field field, const char* begin, const char* end) {
    values[static_cast<std::size_t>(field)] = {begin, end};
  }
};

/// Which object's members the walk is among.
enum class Where : std::uint8_t { message, params, params_meta, result, result_meta, elsewhere };

/// By field: whose members they are if its value is an object.
inline constexpr auto kInside = [] {
  std::array<Where, kFields + 1> inside{};
  inside.fill(Where::elsewhere);
  const auto set = [&](Field field, Where where) {
    inside[static_cast<std::size_t>(field)] = where;
  };
  set(Field::params, Where::params);
  set(Field::params_meta, Where::params_meta);
  set(Field::result, Where::result);
  set(Field::result_meta, Where::result_meta);
  return inside;
}();

/// Whether they are the same; what the compiler knows the length of it compares at once.
template <std::size_t size>
inline bool is_text(std::string_view some, const char (&text)[size]) {
  return some.size() == size - 1 && std::memcmp(some.data(), text, size - 1) == 0;
}

[[gnu::always_inline]] inline Field field_in_message(std::string_view name) {
  switch (name.size()) {
    case 2: return is_text(name, "id") ? Field::id : Field::none;
    case 5: return is_text(name, "error") ? Field::error : Field::none;
    case 6:
      if (is_text(name, "method")) return Field::method;
      if (is_text(name, "params")) return Field::params;
      return is_text(name, "result") ? Field::result : Field::none;
    case 7: return is_text(name, "jsonrpc") ? Field::jsonrpc : Field::none;
    default: return Field::none;
  }
}

[[gnu::always_inline]] inline Field field_in_params(std::string_view name) {
  switch (name.size()) {
    case 2: return is_text(name, "id") ? Field::params_id : Field::none;
    case 4: return is_text(name, "name") ? Field::name : Field::none;
    case 5: return is_text(name, "_meta") ? Field::params_meta : Field::none;
    case 9: return is_text(name, "requestId") ? Field::request_id : Field::none;
    case 13: return is_text(name, "progressToken") ? Field::progress_token : Field::none;
    default: return Field::none;
  }
}

inline bool is_subscription(std::string_view name) {
  return is_text(name, "io.modelcontextprotocol/subscriptionId");
}

/// The field that `name`, unescaped, names in that object.
[[nodiscard, gnu::always_inline]] inline Field field_of(Where where, std::string_view name) {
  switch (where) {
    case Where::message: return field_in_message(name);
    case Where::params: return field_in_params(name);
    case Where::params_meta:
      if (is_text(name, "progressToken")) return Field::requested_token;
      return is_subscription(name) ? Field::params_subscription : Field::none;
    case Where::result: return is_text(name, "_meta") ? Field::result_meta : Field::none;
    case Where::result_meta:
      return is_subscription(name) ? Field::result_subscription : Field::none;
    case Where::elsewhere: break;
  }
  return Field::none;
}

}  // namespace stdiogate::json
