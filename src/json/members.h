#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>

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
  result_meta,
  is_error,             // of result
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

/// What a walk has found, in all of a line or up to where it failed. Made for every line: only the
/// values that are there are ever written or read.
struct Found {
  Fields present = 0;     // those whose name is there
  Fields doubled = 0;     // more than once
  char first = 0;         // the bracket it begins with, if it is an object or an array
  bool escapes = false;   // a string that is a value has escapes
  const char* what = "";  // the fault, if the walk has failed
  std::size_t at = 0;     // offset of the fault
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

/// A member the gate looks for, and whose members come within it if its value is an object.
struct Member {  // NOLINT(clang-analyzer-optin.performance.Padding): a table, read by people
  Where where;
  std::string_view name;  // unescaped
  Field field;
  Where inside = Where::elsewhere;
};

// clang-format off
inline constexpr Member kMembers[] = {
    {Where::message, "jsonrpc", Field::jsonrpc},
    {Where::message, "id", Field::id},
    {Where::message, "method", Field::method},
    {Where::message, "params", Field::params, Where::params},
    {Where::message, "result", Field::result, Where::result},
    {Where::message, "error", Field::error},
    {Where::params, "name", Field::name},
    {Where::params, "_meta", Field::params_meta, Where::params_meta},
    {Where::params, "requestId", Field::request_id},
    {Where::params, "id", Field::params_id},
    {Where::params, "progressToken", Field::progress_token},
    {Where::params_meta, "progressToken", Field::requested_token},
    {Where::params_meta, "io.modelcontextprotocol/subscriptionId", Field::params_subscription},
    {Where::result, "_meta", Field::result_meta, Where::result_meta},
    {Where::result, "isError", Field::is_error},
    {Where::result_meta, "io.modelcontextprotocol/subscriptionId", Field::result_subscription},
};
// clang-format on

inline constexpr Member kNoMember = {Where::elsewhere, {}, Field::none};

/// Place and length of a name in one number.
constexpr std::size_t shape_of(Where where, std::string_view name) {
  return name.size() << 3 | static_cast<std::size_t>(where);
}

/// The table read at compile time: lengths are constants, so a comparison is one of a few words.
template <std::size_t... row>
[[nodiscard, gnu::always_inline]] inline const Member& member_among(Where where,
                                                                    std::string_view name,
                                                                    std::index_sequence<row...>) {
  const Member* found = &kNoMember;
  const std::size_t shape = shape_of(where, name);
  (void)((shape == shape_of(kMembers[row].where, kMembers[row].name) &&
          std::memcmp(name.data(), kMembers[row].name.data(), kMembers[row].name.size()) == 0 &&
          (found = &kMembers[row])) ||
         ...);
  return *found;
}

/// The member of this name, unescaped, in that object; kNoMember if the gate does not look for it.
[[nodiscard, gnu::always_inline]] inline const Member& member_of(Where where,
                                                                 std::string_view name) {
  return member_among(where, name, std::make_index_sequence<std::size(kMembers)>());
}

}  // namespace stdiogate::json
