#include "json_walk.h"

#include <cstring>

namespace stdiogate::json {

namespace {

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

}  // namespace

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
