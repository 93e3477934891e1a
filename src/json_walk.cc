#include "json_walk.h"

#include <cstring>

namespace stdiogate::json {

namespace {

template <std::size_t size>
bool is(std::string_view name, const char (&text)[size]) {
  return name.size() == size - 1 && std::memcmp(name.data(), text, size - 1) == 0;
}

Field field_in_message(std::string_view name) {
  switch (name.size()) {
    case 2: return is(name, "id") ? Field::id : Field::none;
    case 5: return is(name, "error") ? Field::error : Field::none;
    case 6:
      if (is(name, "method")) return Field::method;
      if (is(name, "params")) return Field::params;
      return is(name, "result") ? Field::result : Field::none;
    case 7: return is(name, "jsonrpc") ? Field::jsonrpc : Field::none;
    default: return Field::none;
  }
}

Field field_in_params(std::string_view name) {
  switch (name.size()) {
    case 2: return is(name, "id") ? Field::params_id : Field::none;
    case 4: return is(name, "name") ? Field::name : Field::none;
    case 5: return is(name, "_meta") ? Field::params_meta : Field::none;
    case 9: return is(name, "requestId") ? Field::request_id : Field::none;
    case 13: return is(name, "progressToken") ? Field::progress_token : Field::none;
    default: return Field::none;
  }
}

bool is_subscription(std::string_view name) {
  return is(name, "io.modelcontextprotocol/subscriptionId");
}

}  // namespace

Field field_of(Where where, std::string_view name) {
  switch (where) {
    case Where::message: return field_in_message(name);
    case Where::params: return field_in_params(name);
    case Where::params_meta:
      if (is(name, "progressToken")) return Field::requested_token;
      return is_subscription(name) ? Field::params_subscription : Field::none;
    case Where::result: return is(name, "_meta") ? Field::result_meta : Field::none;
    case Where::result_meta:
      return is_subscription(name) ? Field::result_subscription : Field::none;
    case Where::elsewhere: break;
  }
  return Field::none;
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
