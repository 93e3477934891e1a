#include "stdiogate/message.h"

#include <simdjson.h>

#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "json_scan.h"
#include "json_text.h"
#include "json_walk.h"

namespace stdiogate {

namespace {

using json::bit;
using json::bits;
using json::Field;
using json::Fields;
using json::Found;

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;

// Lines up to this size are indexed by simdjson; its index has room for one token a byte, 4 bytes
// each. Larger ones are scanned, which needs none: a line of 64 MiB may hold 64 million tokens.
constexpr std::size_t kMaxIndexed = 64 * 1024;

/// The tokens simdjson's first stage has found: where each begins, UTF-8 and the ends of strings
/// being checked already. Its second stage is not used: it refuses numbers beyond a double and lone
/// surrogates, which are valid JSON.
///
///     text    {"id":7}
///     index   0 1 5 6 7 | 0
///
/// The text is one that begins with a bracket and ends with one. So the walk asks for a token
/// behind the last only where a comma or a closing bracket may stand; the first token, which is
/// neither, stands there in the index, and nothing needs to be compared with the end.
class IndexTokens {
 public:
  /// `index`: `count` tokens and room for one more.
  IndexTokens(std::string_view text, std::uint32_t* index, std::uint32_t count)
      : begin_(text.data()),
        end_(text.data() + index[0]),
        next_(index),
        escapes_(has_escapes(text)) {
    index[count] = index[0];
  }

  /// Whether the text is such a one.
  static bool can_walk(std::string_view text, const std::uint32_t* index, std::uint32_t count) {
    const char first = text[index[0]];
    const char last = text[index[count - 1]];
    return (first == '{' || first == '[') && (last == '}' || last == ']');
  }

  [[nodiscard]] const char* first() { return after(nullptr); }
  [[nodiscard]] const char* after(const char*) { return begin_ + *next_++; }
  [[nodiscard]] const char* end() const { return end_; }
  [[nodiscard]] bool is(const char* at, char c) const { return *at == c; }

  [[gnu::always_inline]] const char* string(const char*& at, bool& escaped,
                                            const char*& fault) const {
    // Only white space stands between the closing quote and the next token, and there is one.
    const char* end = begin_ + *next_;
    while (end[-1] != '"')
      --end;
    escaped = escapes_ && has_escapes({at, end});
    if (!escaped || has_valid_escapes(at, end)) return end;
    fault = "a string holds an escape that is none";
    return nullptr;
  }

 private:
  /// `at`: the opening quote. If one is none `at` is moved there.
  static bool has_valid_escapes(const char*& at, const char* end) {
    const char* escape = at;
    while ((escape = static_cast<const char*>(
                std::memchr(escape, '\\', static_cast<std::size_t>(end - escape))))) {
      const char* next = json::escape_end(escape, end);
      if (!next) {
        at = escape;
        return false;
      }
      escape = next;
    }
    return true;
  }

  static bool has_escapes(std::string_view text) {
    return std::memchr(text.data(), '\\', text.size()) != nullptr;
  }

  const char* begin_;
  const char* end_;
  const std::uint32_t* next_;
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

/// What a JSON string stands for, empty for any other value. `escapes`: it may hold some; `scratch`
/// holds it where it cannot be read off the line.
std::string_view text_of(std::string_view json, bool escapes, std::string& scratch) {
  if (!is_string(json)) return {};
  const std::string_view content = json.substr(1, json.size() - 2);
  if (!escapes || content.find('\\') == std::string_view::npos) return content;
  scratch = unescaped(content);
  return scratch;
}

/// Whether the JSON text is the string 2.0, escaped perhaps.
bool is_version_2(std::string_view json) {
  return json == R"("2.0")" || (is_string(json) && unescaped(json) == R"("2.0")");
}

/// Which member stands twice at the top level, in a sentence.
const char* doubled(const Found& found) {
  constexpr std::pair<Field, const char*> kSentences[] = {
      {Field::jsonrpc, "its \"jsonrpc\" stands there twice"},
      {Field::id, "its \"id\" stands there twice"},
      {Field::method, "its \"method\" stands there twice"},
      {Field::params, "its \"params\" stand there twice"},
      {Field::result, "its \"result\" stands there twice"},
      {Field::error, "its \"error\" stands there twice"},
  };
  for (const auto& [field, what] : kSentences) {
    if (found.has_twice(bit(field))) return what;
  }
  return nullptr;
}

constexpr Fields kOnce =
    bits(Field::jsonrpc, Field::id, Field::method, Field::params, Field::result, Field::error);
constexpr Fields kOutcome = bits(Field::result, Field::error);
constexpr Fields kIdsWithin =
    bits(Field::request_id, Field::params_id, Field::progress_token, Field::requested_token,
         Field::params_subscription, Field::result_subscription);

}  // namespace

struct MessageParser::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;
  Message message;
  std::string unescaped_method;
  std::string unescaped_name;

  const Message& invalid(int code, std::string_view what, std::optional<std::size_t> offset = {}) {
    message = {};
    message.fault = {code, what, offset};
    return message;
  }

  const Message* walk(std::string_view line, bool subscriptions, Found& found);
  template <class Tokens>
  const Message* run_walk(std::string_view line, Tokens tokens, bool subscriptions, Found& found);
  const Message& classify(const Found& found);
  [[nodiscard]] const char* fault_of(const Found& found) const;
  void fill(const Found& found);
};

MessageParser::MessageParser() : state_(std::make_unique<State>()) {
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      kMaxIndexed, kMaxDepth, state_->simd);
  if (error) throw std::bad_alloc();
}

MessageParser::~MessageParser() = default;

const Message& MessageParser::parse(std::string_view line, bool subscriptions) {
  Found found;
  const Message* invalid = state_->walk(line, subscriptions, found);
  return invalid ? *invalid : state_->classify(found);
}

/// Null if the line is JSON; else what is to be said of it.
const Message* MessageParser::State::walk(std::string_view line, bool subscriptions, Found& found) {
  if (line.size() > kMaxIndexed) {
    if (!simdjson::validate_utf8(line.data(), line.size()))
      return &invalid(kParseError, what_of(simdjson::UTF8_ERROR));
    return run_walk(line, json::ScanTokens(line), subscriptions, found);
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(line.data());
  const auto error = simd->stage1(bytes, line.size(), simdjson::stage1_mode::regular);
  if (error) return &invalid(kParseError, what_of(error));
  std::uint32_t* index = simd->structural_indexes.get();
  const std::uint32_t count = simd->n_structural_indexes;
  return IndexTokens::can_walk(line, index, count)
             ? run_walk(line, IndexTokens(line, index, count), subscriptions, found)
             : run_walk(line, json::ScanTokens(line), subscriptions, found);
}

template <class Tokens>
const Message* MessageParser::State::run_walk(std::string_view line, Tokens tokens,
                                              bool subscriptions, Found& found) {
  const bool valid = json::Walk<Tokens, kMaxDepth>(line, tokens, subscriptions, found).run();
  return valid ? nullptr : &invalid(kParseError, found.what, found.at);
}

const Message& MessageParser::parse_beginning(std::string_view line) {
  State& state = *state_;
  line = without_cut_character(line);
  if (!simdjson::validate_utf8(line.data(), line.size()))
    return state.invalid(kParseError, what_of(simdjson::UTF8_ERROR));
  Found found;
  (void)json::Walk<json::ScanTokens, kMaxDepth>(line, json::ScanTokens(line), false, found).run();
  const std::string_view id = found[Field::id];
  const bool whole_id = !id.empty() && !found.has_twice(bit(Field::id)) &&
                        id.data() + id.size() != line.data() + line.size();  // 7 may begin 70
  if (!whole_id || found.has(bit(Field::method)) || !found.has(kOutcome))
    return state.invalid(kParseError, found.what, found.at);
  state.fill(found);
  state.message.kind = MessageKind::response;
  return state.message;
}

void MessageParser::State::fill(const Found& found) {
  message.fault = {};
  message.id = found[Field::id];
  message.has_usable_id =
      (is_string(message.id) || is_number(message.id)) && !found.has_twice(bit(Field::id));
  message.method = text_of(found[Field::method], found.escapes, unescaped_method);
  message.name = text_of(found[Field::name], found.escapes, unescaped_name);
  message.has_error = found.has(bit(Field::error));
  message.request_id = found[Field::request_id];
  message.params_id = found[Field::params_id];
  message.progress_token = found[Field::progress_token];
  message.requested_token = found[Field::requested_token];
  message.subscription_id = found[found.has(bit(Field::method)) ? Field::params_subscription
                                                                : Field::result_subscription];
  message.ambiguous = found.has_twice(kIdsWithin);
}

const char* MessageParser::State::fault_of(const Found& found) const {
  if (found.has_twice(kOnce)) return doubled(found);
  if (!is_version_2(found[Field::jsonrpc])) return "it has no \"jsonrpc\":\"2.0\"";
  if (!found.has(bit(Field::method)))
    return found.has(kOutcome) ? nullptr : "it has no \"method\", \"result\" or \"error\"";
  if (!is_string(found[Field::method])) return "its \"method\" is not a string";
  const std::string_view params = found[Field::params];
  if (!params.empty() && params[0] != '{' && params[0] != '[')
    return "its \"params\" are neither an object nor an array";
  if (message.id.empty()) return nullptr;
  if (!message.has_usable_id) return "its \"id\" is neither a string nor a number";
  if (message.id.size() > kMaxIdLength) return "its \"id\" is longer than 1024 bytes";
  return nullptr;
}

const Message& MessageParser::State::classify(const Found& found) {
  if (found.first == '[') {
    message = {};
    message.kind = MessageKind::batch;
    return message;
  }
  if (found.first != '{') return invalid(kInvalidRequest, "it is neither an object nor an array");
  fill(found);
  const bool has_method = found.has(bit(Field::method));
  if (const char* what = fault_of(found)) {
    // The id of an answer names a request of the other side: a reply under it would be taken for
    // the outcome of another request.
    const bool answers = !has_method && found.has(kOutcome);
    const bool told = !answers && message.has_usable_id && message.id.size() <= kMaxIdLength;
    const std::string_view id = told ? message.id : "";
    (void)invalid(kInvalidRequest, what);
    message.id = id;
    return message;
  }
  message.kind = !has_method          ? MessageKind::response
                 : message.id.empty() ? MessageKind::notification
                                      : MessageKind::request;
  return message;
}

}  // namespace stdiogate
