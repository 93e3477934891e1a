#include "stdiogate/message.h"

#include <utility>

#include "src/json/index.h"
#include "src/json/quoting.h"
#include "src/json/walk.h"

namespace stdiogate {

namespace {

using json::bit;
using json::bits;
using json::Field;
using json::Fields;
using json::Found;
using json::IndexTokens;
using json::is_number;
using json::is_string;
using json::ScanTokens;

/// What a JSON string stands for, empty for any other value. `escapes`: it may have some; then
/// `scratch` holds the text.
[[gnu::always_inline]] inline std::string_view text_of(std::string_view json, bool escapes,
                                                       std::string& scratch) {
  if (!is_string(json)) return {};
  const std::string_view content = json.substr(1, json.size() - 2);
  if (!escapes || content.find('\\') == std::string_view::npos) return content;
  scratch = unescaped(content);
  return scratch;
}

/// Whether the JSON text is the string 2.0, escaped perhaps.
[[gnu::always_inline]] inline bool is_version_2(std::string_view json) {
  constexpr std::string_view kAsMostWriteIt = R"("2.0")";
  if (json.size() == kAsMostWriteIt.size()) return json == kAsMostWriteIt;
  return is_string(json) && unescaped(json) == kAsMostWriteIt;
}

/// Forgets the members whose value is null where that means absence: many peers write every member
/// they have.
void drop_nulls(Found& found) {
  const auto is_null = [&](Field field) { return found[field] == "null"; };
  const auto drop = [&](Field field) { found.present &= ~bit(field); };
  if (is_null(Field::method)) drop(Field::method);
  if (is_null(Field::params)) drop(Field::params);
  if (found.has(bit(Field::method)) && is_null(Field::id)) drop(Field::id);
  if (found.has(bit(Field::result)) && is_null(Field::error)) drop(Field::error);
  if (found.has(bit(Field::error)) && is_null(Field::result)) drop(Field::result);
}

/// Which member appears twice at the top level, in a sentence.
const char* doubled(const Found& found) {
  constexpr std::pair<Field, const char*> kSentences[] = {
      {Field::jsonrpc, "its \"jsonrpc\" appears twice"},
      {Field::id, "its \"id\" appears twice"},
      {Field::method, "its \"method\" appears twice"},
      {Field::params, "its \"params\" appear twice"},
      {Field::result, "its \"result\" appears twice"},
      {Field::error, "its \"error\" appears twice"},
  };
  for (const auto& [field, what] : kSentences) {
    if (found.has_twice(bit(field))) return what;
  }
  return nullptr;
}

constexpr Fields kOnce =
    bits(Field::jsonrpc, Field::id, Field::method, Field::params, Field::result, Field::error);
constexpr Fields kOutcome = bits(Field::result, Field::error);
constexpr Fields kWithin = bits(Field::request_id, Field::params_id, Field::progress_token,
                                Field::requested_token, Field::params_subscription,
                                Field::result_subscription, Field::params_meta, Field::is_error);

}  // namespace

/// The message and what its views are into, and how a line becomes it.
struct MessageParser::State {
  const Message& parse(std::string_view line, bool results) {
    Found found;
    if (index.has(line) &&
        json::Walk<IndexTokens, kMaxDepth>(line, index.tokens(line), results, found).run()) {
      classify(found);
    } else {
      parse_alone(line, results);
    }
    message.line = line;
    return message;
  }

  /// Reads a line without the index: of any size, and if it is not JSON the message says where and
  /// why.
  void parse_alone(std::string_view line, bool results) {
    Found found;
    if (!json::Walk<ScanTokens, kMaxDepth>(line, ScanTokens(line), results, found).run())
      return invalid(kParseError, found.what, found.at);
    if (!json::is_utf8(line)) return invalid(kParseError, "it is not UTF-8");
    classify(found);
  }

  [[gnu::always_inline]] void classify(Found& found) {
    if (found.first != '{') return classify_other(found);
    fill(found);
    const bool has_both = (found.present & kOutcome) == kOutcome;
    return has_both || fault_of(found) ? classify_flawed(found) : set_kind(found);
  }

  /// What is no object.
  [[gnu::cold]] void classify_other(const Found& found) {
    if (found.first != '[') return invalid(kInvalidRequest, "it is neither an object nor an array");
    message = {};
    message.kind = MessageKind::batch;
  }

  /// What has a fault, unless that is a null.
  [[gnu::cold]] void classify_flawed(Found& found) {
    drop_nulls(found);
    fill(found);
    const char* what = fault_of(found);
    if (!what) return set_kind(found);
    // The id of an answer names a request of the other side: a reply under it would be taken for the
    // outcome of another request.
    const bool answers = !found.has(bit(Field::method)) && found.has(kOutcome);
    const bool usable = (is_string(message.id) || is_number(message.id)) &&
                        !found.has_twice(bit(Field::id)) && message.id.size() <= kMaxIdLength;
    const std::string_view id = usable && !answers ? message.id : "";
    invalid(kInvalidRequest, what);
    message.id = id;
  }

  [[gnu::always_inline]] void set_kind(const Found& found) {
    message.kind = !found.has(bit(Field::method)) ? MessageKind::response
                   : message.id.empty()           ? MessageKind::notification
                                                  : MessageKind::request;
  }

  [[gnu::always_inline]] const char* fault_of(const Found& found) const {
    if (found.has_twice(kOnce)) return doubled(found);
    if (!is_version_2(found[Field::jsonrpc])) return "it has no \"jsonrpc\":\"2.0\"";
    if (!found.has(bit(Field::method)))
      return found.has(kOutcome) ? nullptr : "it has no \"method\", \"result\" or \"error\"";
    if (!is_string(found[Field::method])) return "its \"method\" is not a string";
    const std::string_view params = found[Field::params];
    if (!params.empty() && params[0] != '{' && params[0] != '[')
      return "its \"params\" are neither an object nor an array";
    if (message.id.empty()) return nullptr;
    if (!is_string(message.id) && !is_number(message.id))
      return "its \"id\" is neither a string nor a number";
    static_assert(kMaxIdLength == 1024);
    if (message.id.size() > kMaxIdLength) return "its \"id\" is longer than 1024 bytes";
    return nullptr;
  }

  [[gnu::always_inline]] void fill(const Found& found) {
    if (message.fault.code != 0) message.fault = {};
    message.id = found[Field::id];
    message.method = text_of(found[Field::method], found.escapes, method);
    message.name = text_of(found[Field::name], found.escapes, name);
    message.has_error = found.has(bit(Field::error));
    // Few lines have such members, but `message` may still hold those of the line before.
    if (has_within || found.has(kWithin)) fill_within(found);
  }

  void fill_within(const Found& found) {
    has_within = found.has(kWithin);
    message.meta = found[Field::params_meta];
    message.request_id = found[Field::request_id];
    message.params_id = found[Field::params_id];
    message.progress_token = found[Field::progress_token];
    message.requested_token = found[Field::requested_token];
    const Field subscription =
        found.has(bit(Field::method)) ? Field::params_subscription : Field::result_subscription;
    message.subscription_id = found[subscription];
    message.is_tool_error = found[Field::is_error] == "true";
    message.twice = {.request_id = found.has_twice(bit(Field::request_id)),
                     .params_id = found.has_twice(bit(Field::params_id)),
                     .progress_token = found.has_twice(bit(Field::progress_token)),
                     .subscription_id = found.has_twice(bit(subscription))};
  }

  void invalid(int code, std::string_view what, std::optional<std::size_t> offset = {}) {
    message = {};
    message.fault = {code, what, offset};
  }

  json::Index index;  // of the lines expected
  Message message;
  bool has_within = false;  // the message has a `meta`, or ids or tokens beyond its own
  std::string method;       // unescaped
  std::string name;
};

MessageParser::MessageParser() : state_(std::make_unique<State>()) {}

MessageParser::~MessageParser() = default;

// Lines that the index does not find are read alone: they are few, and they must be right.
void MessageParser::expect(std::string_view lines) {
  state_->index.expect(lines);
}

const Message& MessageParser::parse(std::string_view line, bool results) {
  return state_->parse(line, results);
}

}  // namespace stdiogate
