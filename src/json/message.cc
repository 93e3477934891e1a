#include "stdiogate/message.h"

#include <simdjson.h>

#include <functional>
#include <new>
#include <string>
#include <utility>

#include "src/json/index_tokens.h"
#include "src/json/quoting.h"
#include "src/json/scan.h"
#include "src/json/walk.h"

namespace stdiogate {

namespace {

using json::bit;
using json::bits;
using json::Field;
using json::Fields;
using json::Found;
using json::has_escapes;
using json::IndexTokens;

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;

// Lines up to this size are indexed by simdjson; its index has room for one token a byte, 4 bytes
// each. Larger ones are scanned, which needs none: a line of 64 MiB may hold 64 million tokens.
constexpr std::size_t kMaxIndexed = 64 * 1024;

// Of lines together. A read is mostly of less (Lane), and what the index has once held stays.
constexpr std::size_t kMaxExpected = 32 * 1024;

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
[[gnu::always_inline]] inline std::string_view text_of(std::string_view json, bool escapes,
                                                       std::string& scratch) {
  if (!is_string(json)) return {};
  const std::string_view content = json.substr(1, json.size() - 2);
  if (!escapes || content.find('\\') == std::string_view::npos) return content;
  scratch = unescaped(content);
  return scratch;
}

/// Whether the JSON text is the string 2.0, escaped perhaps.
bool is_version_2(std::string_view json) {
  return json::is_text(json, R"("2.0")") || (is_string(json) && unescaped(json) == R"("2.0")");
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

/// What every line goes through is in line, since it is short and `parse` calls it once.
struct MessageParser::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;
  std::string_view expected;            // lines whose tokens are in the index
  const std::uint32_t* next = nullptr;  // of the first line not read yet
  bool escapes = false;                 // there are some in those lines
  Message message;
  bool ids_within = false;  // it may have some: those of kIdsWithin
  std::string unescaped_method;
  std::string unescaped_name;

  const Message& invalid(int code, std::string_view what, std::optional<std::size_t> offset = {}) {
    message = {};
    message.fault = {code, what, offset};
    return message;
  }

  simdjson::error_code find_tokens(std::string_view text);
  void expect(std::string_view lines);
  [[gnu::always_inline]] inline bool walk_expected(std::string_view line, bool subscriptions,
                                                   Found& found);
  const Message* walk(std::string_view line, bool subscriptions, Found& found);
  template <class Tokens>
  const Message* run_walk(std::string_view line, Tokens tokens, bool subscriptions, Found& found);
  [[gnu::always_inline]] inline const Message& classify(const Found& found);
  [[nodiscard, gnu::always_inline]] inline const char* fault_of(const Found& found) const;
  [[gnu::always_inline]] inline void fill(const Found& found);
  void fill_ids_within(const Found& found);
};

MessageParser::MessageParser() : state_(std::make_unique<State>()) {
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      kMaxIndexed, kMaxDepth, state_->simd);
  if (error) throw std::bad_alloc();
}

MessageParser::~MessageParser() = default;

const Message& MessageParser::parse(std::string_view line, bool subscriptions) {
  Found found;
  if (!state_->walk_expected(line, subscriptions, found)) {
    found = {};
    if (const Message* invalid = state_->walk(line, subscriptions, found)) return *invalid;
  }
  return state_->classify(found);
}

void MessageParser::expect(std::string_view lines) {
  state_->expect(lines);
}

/// Forgets what was expected: there is one index.
simdjson::error_code MessageParser::State::find_tokens(std::string_view text) {
  expected = {};
  return simd->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                      simdjson::stage1_mode::regular);
}

// For the first stage a newline is white space, and within a string a fault: so what it finds is
// the same as in each line alone. If there is a fault anywhere the lines are read one by one.
void MessageParser::State::expect(std::string_view lines) {
  expected = {};
  if (lines.empty() || lines.size() > kMaxExpected || find_tokens(lines)) return;
  // Where there are no more tokens stands the last newline.
  simd->structural_indexes[simd->n_structural_indexes] =
      static_cast<std::uint32_t>(lines.size() - 1);
  next = simd->structural_indexes.get();
  escapes = has_escapes(lines);
  expected = lines;
}

/// Whether this is a line that was expected, and is JSON. If not, `walk` says what it is.
bool MessageParser::State::walk_expected(std::string_view line, bool subscriptions, Found& found) {
  const char* base = expected.data();
  const std::less<> before;
  if (expected.empty() || before(line.data(), base) ||
      !before(line.data() + line.size(), base + expected.size()))
    return false;
  const auto begin = static_cast<std::uint32_t>(line.data() - base);
  while (*next < begin)
    ++next;
  if (line.empty() || *next >= begin + line.size() ||
      !IndexTokens::can_walk(base[*next], line.back()))
    return false;
  const IndexTokens tokens(line, base, next, escapes && has_escapes(line));
  return json::Walk<IndexTokens, kMaxDepth>(line, tokens, subscriptions, found).run();
}

/// Null if the line is JSON; else what is to be said of it.
const Message* MessageParser::State::walk(std::string_view line, bool subscriptions, Found& found) {
  if (line.size() > kMaxIndexed) {
    if (!simdjson::validate_utf8(line.data(), line.size()))
      return &invalid(kParseError, what_of(simdjson::UTF8_ERROR));
    return run_walk(line, json::ScanTokens(line), subscriptions, found);
  }
  if (const auto error = find_tokens(line)) return &invalid(kParseError, what_of(error));
  std::uint32_t* index = simd->structural_indexes.get();
  const std::uint32_t count = simd->n_structural_indexes;
  if (!IndexTokens::can_walk(line[index[0]], line[index[count - 1]]))
    return run_walk(line, json::ScanTokens(line), subscriptions, found);
  index[count] = index[0];
  next = index;
  return run_walk(line, IndexTokens(line, line.data(), next, has_escapes(line)), subscriptions,
                  found);
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
  if (message.fault.code != 0) message.fault = {};
  message.id = found[Field::id];
  message.has_usable_id =
      (is_string(message.id) || is_number(message.id)) && !found.has_twice(bit(Field::id));
  message.method = text_of(found[Field::method], found.escapes, unescaped_method);
  message.name = text_of(found[Field::name], found.escapes, unescaped_name);
  message.has_error = found.has(bit(Field::error));
  // Few lines have any, and the message is that of the line before.
  if (ids_within || found.has(kIdsWithin)) fill_ids_within(found);
}

void MessageParser::State::fill_ids_within(const Found& found) {
  ids_within = found.has(kIdsWithin);
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
