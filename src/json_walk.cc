#include "json_walk.h"

namespace stdiogate::json {

namespace {

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != '"' && byte != '\\';
}

std::size_t digits_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at]))
    ++at;
  return at;
}

/// Where the digits that must stand at `at` end, or 0.
std::size_t some_digits_end(std::string_view text, std::size_t at) {
  const std::size_t end = digits_end(text, at);
  return end == at ? 0 : end;
}

/// number = [ "-" ] int [ frac ] [ exp ], RFC 8259 section 6. Returns its end, or 0.
std::size_t number_end(std::string_view text, std::size_t at) {
  const auto is = [&](char c) { return at < text.size() && text[at] == c; };
  if (is('-')) ++at;
  at = is('0') ? at + 1 : some_digits_end(text, at);
  if (at == 0) return 0;
  if (is('.')) {
    at = some_digits_end(text, at + 1);
    if (at == 0) return 0;
  }
  if (is('e') || is('E')) {
    ++at;
    if (is('+') || is('-')) ++at;
    at = some_digits_end(text, at);
  }
  return at;
}

std::size_t literal_end(std::string_view text, std::size_t at, std::string_view literal) {
  return text.compare(at, literal.size(), literal) == 0 ? at + literal.size() : 0;
}

}  // namespace

std::size_t scalar_end(std::string_view text, std::size_t begin) {
  if (begin >= text.size()) return 0;
  std::size_t end = 0;
  switch (text[begin]) {
    case 't': end = literal_end(text, begin, "true"); break;
    case 'f': end = literal_end(text, begin, "false"); break;
    case 'n': end = literal_end(text, begin, "null"); break;
    default: end = number_end(text, begin); break;
  }
  return end == text.size() || (end != 0 && ends_scalar(text[end])) ? end : 0;
}

std::size_t plain_end(std::string_view text, std::size_t at) {
  // In blocks first: without a way out of the inner loop the compiler makes it one of vectors.
  constexpr std::size_t kBlock = 64;
  for (; at + kBlock <= text.size(); at += kBlock) {
    unsigned char special = 0;
    for (std::size_t i = 0; i < kBlock; ++i)
      special |= static_cast<unsigned char>(is_plain(text[at + i]) ? 0 : 1);
    if (special != 0) break;
  }
  while (at < text.size() && is_plain(text[at]))
    ++at;
  return at;
}

std::size_t ScanTokens::string_end() const {
  bool escapes = false;
  std::size_t at = plain_end(text_, at_ + 1);
  while (at + 1 < text_.size() && text_[at] == '\\') {
    escapes = true;
    at = plain_end(text_, at + 2);
  }
  if (at >= text_.size() || text_[at] != '"') return 0;
  const std::string_view content = text_.substr(at_ + 1, at - at_ - 1);
  return escapes && !valid_escapes(content) ? 0 : at + 1;
}

std::string_view Elements::next() {
  if (tokens_.peek() == ',') tokens_.advance(tokens_.at() + 1);
  if (tokens_.done() || tokens_.peek() == ']') return {};
  const std::size_t begin = tokens_.at();
  return text_.substr(begin, value_end() - begin);
}

/// Goes over the value that begins here. Returns its end.
std::size_t Elements::value_end() {
  std::size_t depth = 0;
  std::size_t end = 0;
  do {
    const char c = tokens_.peek();
    if (c == '"') {
      end = tokens_.string_end();
    } else if (c == '{' || c == '[') {
      ++depth;
      end = tokens_.at() + 1;
    } else if (c == '}' || c == ']') {
      --depth;
      end = tokens_.at() + 1;
    } else if (c == ',' || c == ':') {
      end = tokens_.at() + 1;
    } else {
      end = scalar_end(text_, tokens_.at());
    }
    tokens_.advance(end);
  } while (depth > 0);
  return end;
}

Field field_of(Where where, std::string_view name) {
  constexpr std::string_view kSubscriptionId = "io.modelcontextprotocol/subscriptionId";
  switch (where) {
    case Where::message:
      if (name == "id") return Field::id;
      if (name == "jsonrpc") return Field::jsonrpc;
      if (name == "method") return Field::method;
      if (name == "params") return Field::params;
      if (name == "result") return Field::result;
      if (name == "error") return Field::error;
      break;
    case Where::params:
      if (name == "name") return Field::name;
      if (name == "_meta") return Field::params_meta;
      if (name == "requestId") return Field::request_id;
      if (name == "progressToken") return Field::progress_token;
      if (name == "id") return Field::params_id;
      break;
    case Where::params_meta:
      if (name == "progressToken") return Field::requested_token;
      if (name == kSubscriptionId) return Field::params_subscription;
      break;
    case Where::result:
      if (name == "_meta") return Field::result_meta;
      break;
    case Where::result_meta:
      if (name == kSubscriptionId) return Field::result_subscription;
      break;
    case Where::elsewhere: break;
  }
  return Field::none;
}

}  // namespace stdiogate::json
