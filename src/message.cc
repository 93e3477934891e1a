#include "stdiogate/message.h"

#include <simdjson.h>

#include <new>
#include <string>

#include "json_walk.h"

namespace stdiogate {

namespace {

using json::Field;
using json::Found;

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;

// Lines up to this size are indexed by simdjson; its index has room for one token a byte, 4 bytes
// each. Larger ones are scanned, which needs none: a line of 64 MiB may hold 64 million tokens.
constexpr std::size_t kMaxIndexed = 64 * 1024;

/// The tokens simdjson's first stage has found: where each begins, UTF-8 and the ends of strings
/// being checked already. Its second stage is not used: it refuses numbers beyond a double and lone
/// surrogates, which are valid JSON.
class IndexTokens {
 public:
  IndexTokens(std::string_view text, const std::uint32_t* first, std::uint32_t count)
      : text_(text),
        next_(first),
        end_(first + count),
        escapes_(text.find('\\') != std::string_view::npos) {}

  [[nodiscard]] std::size_t at() const { return done() ? text_.size() : *next_; }
  [[nodiscard]] bool done() const { return next_ == end_; }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[*next_]; }
  void advance(std::size_t) { ++next_; }
  [[nodiscard]] std::size_t string_end() const {
    // Only white space stands between the closing quote and the next token.
    std::size_t end = next_ + 1 == end_ ? text_.size() : next_[1];
    while (text_[end - 1] != '"')
      --end;
    const std::size_t begin = *next_ + 1;
    if (escapes_ && !valid_escapes(text_.substr(begin, end - 1 - begin))) return 0;
    return end;
  }

 private:
  std::string_view text_;
  const std::uint32_t* next_;
  const std::uint32_t* end_;
  bool escapes_;
};

const char* what_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR: return "it is not UTF-8";
    case simdjson::UNESCAPED_CHARS: return "a string holds a control character";
    case simdjson::UNCLOSED_STRING: return "a string is not closed";
    default: return simdjson::error_message(error);
  }
}

/// A text that may have been cut anywhere, less the beginning of a character at its end.
std::string_view without_cut_character(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte >= 0xc0) return text.substr(0, text.size() - back);
    if (byte < 0x80) break;
  }
  return text;
}

bool is_string(std::string_view json) {
  return !json.empty() && json[0] == '"';
}
bool is_number(std::string_view json) {
  return !json.empty() && (json[0] == '-' || json::is_digit(json[0]));
}

/// The JSON text of a member's value; empty if it is not there.
std::string_view raw(std::string_view line, const json::Member& member) {
  return member.end == 0 ? "" : line.substr(member.begin, member.end - member.begin);
}

/// What a JSON string stands for, empty for any other value. `scratch` holds it where it cannot be
/// read off the line.
std::string_view text_of(std::string_view json, std::string& scratch) {
  if (!is_string(json)) return {};
  const std::string_view content = json.substr(1, json.size() - 2);
  if (content.find('\\') == std::string_view::npos) return content;
  scratch = unescaped(content);
  return scratch;
}

}  // namespace

struct MessageParser::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;
  Message message;
  std::string unescaped_method;
  std::string unescaped_name;

  const Message& invalid(int code, std::string_view what, std::optional<std::size_t> offset = {}) {
    message.kind = MessageKind::invalid;
    message.fault = {code, what, offset};
    return message;
  }

  bool walk(std::string_view line, bool subscriptions, Found& found, bool& at_known) const;
  const Message& classify(std::string_view line, const Found& found);
  [[nodiscard]] const char* fault_of(std::string_view line, const Found& found) const;
  void fill(std::string_view line, const Found& found);
};

MessageParser::MessageParser() : state_(std::make_unique<State>()) {
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      kMaxIndexed, kMaxDepth, state_->simd);
  if (error) throw std::bad_alloc();
}

MessageParser::~MessageParser() = default;

const Message& MessageParser::parse(std::string_view line, bool subscriptions) {
  State& state = *state_;
  state.message = {};
  Found found;
  bool at_known = true;
  if (!state.walk(line, subscriptions, found, at_known)) {
    return state.invalid(kParseError, found.what,
                         at_known ? std::optional(found.at) : std::nullopt);
  }
  return state.classify(line, found);
}

bool MessageParser::State::walk(std::string_view line, bool subscriptions, Found& found,
                                bool& at_known) const {
  if (line.size() > kMaxIndexed) {
    if (!simdjson::validate_utf8(line.data(), line.size())) {
      found.what = what_of(simdjson::UTF8_ERROR);
      at_known = false;
      return false;
    }
    return json::Walk(line, json::ScanTokens(line), subscriptions, found).run(kMaxDepth);
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(line.data());
  const auto error = simd->stage1(bytes, line.size(), simdjson::stage1_mode::regular);
  if (error) {
    found.what = what_of(error);
    at_known = false;
    return false;
  }
  const IndexTokens tokens(line, simd->structural_indexes.get(), simd->n_structural_indexes);
  return json::Walk(line, tokens, subscriptions, found).run(kMaxDepth);
}

const Message& MessageParser::parse_beginning(std::string_view line) {
  State& state = *state_;
  state.message = {};
  line = without_cut_character(line);
  Found found;
  if (!simdjson::validate_utf8(line.data(), line.size()))
    return state.invalid(kParseError, what_of(simdjson::UTF8_ERROR));
  (void)json::Walk(line, json::ScanTokens(line), false, found).run(kMaxDepth);
  const json::Member& id = found[Field::id];
  const bool whole_id = id.count == 1 && id.end > 0 && id.end < line.size();  // 7 may begin 70
  const bool shows_response = whole_id && found[Field::method].count == 0 &&
                              found[Field::result].count + found[Field::error].count > 0;
  if (!shows_response) return state.invalid(kParseError, found.what, found.at);
  state.fill(line, found);
  state.message.kind = MessageKind::response;
  return state.message;
}

void MessageParser::State::fill(std::string_view line, const Found& found) {
  const auto at = [&](Field field) { return raw(line, found[field]); };
  message.id = at(Field::id);
  message.has_usable_id =
      found[Field::id].count == 1 && (is_string(message.id) || is_number(message.id));
  message.method = text_of(at(Field::method), unescaped_method);
  message.name = text_of(at(Field::name), unescaped_name);
  message.has_error = found[Field::error].count > 0;
  message.request_id = at(Field::request_id);
  message.params_id = at(Field::params_id);
  message.progress_token = at(Field::progress_token);
  message.requested_token = at(Field::requested_token);
  const bool answers = found[Field::method].count == 0;
  message.subscription_id = at(answers ? Field::result_subscription : Field::params_subscription);
  for (const Field field :
       {Field::request_id, Field::params_id, Field::progress_token, Field::requested_token,
        Field::params_subscription, Field::result_subscription})
    message.ambiguous = message.ambiguous || found[field].count > 1;
}

const char* MessageParser::State::fault_of(std::string_view line, const Found& found) const {
  constexpr std::pair<Field, const char*> kOnce[] = {
      {Field::jsonrpc, "its \"jsonrpc\" stands there twice"},
      {Field::id, "its \"id\" stands there twice"},
      {Field::method, "its \"method\" stands there twice"},
      {Field::params, "its \"params\" stand there twice"},
      {Field::result, "its \"result\" stands there twice"},
      {Field::error, "its \"error\" stands there twice"},
  };
  for (const auto& [field, what] : kOnce) {
    if (found[field].count > 1) return what;
  }
  std::string scratch;
  if (text_of(raw(line, found[Field::jsonrpc]), scratch) != "2.0")
    return "it has no \"jsonrpc\":\"2.0\"";
  if (found[Field::method].count == 0) {
    const bool answers = found[Field::result].count + found[Field::error].count > 0;
    return answers ? nullptr : "it has no \"method\", \"result\" or \"error\"";
  }
  if (!is_string(raw(line, found[Field::method]))) return "its \"method\" is not a string";
  const std::string_view params = raw(line, found[Field::params]);
  if (!params.empty() && params[0] != '{' && params[0] != '[')
    return "its \"params\" are neither an object nor an array";
  if (message.id.empty()) return nullptr;
  if (!message.has_usable_id) return "its \"id\" is neither a string nor a number";
  if (message.id.size() > kMaxIdLength) return "its \"id\" is longer than 1024 bytes";
  return nullptr;
}

const Message& MessageParser::State::classify(std::string_view line, const Found& found) {
  const char first = line[line.find_first_not_of(" \t\r\n")];
  if (first == '[') {
    message.kind = MessageKind::batch;
    return message;
  }
  if (first != '{') return invalid(kInvalidRequest, "it is neither an object nor an array");
  fill(line, found);
  const bool has_method = found[Field::method].count > 0;
  if (const char* what = fault_of(line, found)) {
    // The id of an answer names a request of the other side: a reply under it would be taken for
    // the outcome of another request.
    const bool answers = !has_method && found[Field::result].count + found[Field::error].count > 0;
    if (answers || !message.has_usable_id || message.id.size() > kMaxIdLength) message.id = {};
    return invalid(kInvalidRequest, what);
  }
  message.kind = !has_method          ? MessageKind::response
                 : message.id.empty() ? MessageKind::notification
                                      : MessageKind::request;
  return message;
}

}  // namespace stdiogate
