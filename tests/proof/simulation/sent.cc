#include "tests/proof/simulation/sent.h"

#include <array>
#include <cassert>
#include <utility>

namespace stdiogate::simulation {

namespace {

constexpr std::array<std::string_view, kMethods + 1> kMethodNames = {
    "resources/read", "tools/call", "tools/call",           "prompts/get",
    "initialize",     "ping",       "subscriptions/listen", "elicitation/create"};

/// Builds a line and notes where its ids stand.
class Maker {
 public:
  explicit Maker(Say say) {
    sent_.say = say;
    sent_.line.reserve(192);
  }
  Maker& put(std::string_view text) {
    sent_.line += text;
    return *this;
  }
  Maker& number(std::uint32_t value) {
    sent_.line += std::to_string(value);
    return *this;
  }
  Maker& id(const Id& id) {
    sent_.id_place = {sent_.line.size(), id.text.size()};
    sent_.id = id;
    return put(id.text);
  }
  Maker& subscription(const Id& id) {
    sent_.subscription_place = {sent_.line.size(), id.text.size()};
    sent_.subscription = id;
    return put(id.text);
  }
  Sent& sent() { return sent_; }
  Sent take() { return std::move(sent_); }

 private:
  Sent sent_;
};

constexpr std::string_view kMeta = R"("_meta":{"io.modelcontextprotocol/subscriptionId":)";

struct Invalid {
  std::string_view line;
  int code;
  std::string_view id;      // the reply's
  std::uint64_t shown = 0;  // the wire id it shows an answer to
};

constexpr Invalid kInvalid[] = {
    {"{}", -32600, ""},
    {"7", -32600, ""},
    {"null", -32600, ""},
    {R"({"jsonrpc":"2.0","id":5})", -32600, "5"},
    {R"({"id":"x","method":"m"})", -32600, "\"x\""},
    {R"({"jsonrpc":"1.0","id":1.0,"method":"m"})", -32600, "1.0"},
    {R"({"jsonrpc":"2.0","id":1,"id":1,"method":"m"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"m"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":true,"method":"m"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":[1],"method":"m"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":"y","method":3})", -32600, "\"y\""},
    {R"({"jsonrpc":"2.0","id":9,"method":"m","params":"text"})", -32600, "9"},
    {R"({"jsonrpc":"2.0","result":{}})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":34,"result":1,"result":2})", -32600, "", 34},
    // No JSON from here on.
    {"listening on port 3000", -32700, ""},
    {R"({"jsonrpc":"2.0","id":7,"method":"m")", -32700, "7"},
    {R"({"jsonrpc":"2.0","id":07,"method":"m"})", -32700, ""},
    {R"({"jsonrpc":"2.0","id":7,"method":"m"} x)", -32700, "7"},
    {R"({"jsonrpc":"2.0","id":"z" "method":"m"})", -32700, "\"z\""},
    {R"({"jsonrpc":"2.0","method":NaN,"id":7})", -32700, ""},
};
constexpr std::uint32_t kInvalidJson = 14;  // of them are JSON

}  // namespace

Sent blank(std::uint32_t which) {
  constexpr std::string_view kBlanks[] = {"", " ", "\t", "  \t "};
  return {.say = Say::blank, .line = std::string(kBlanks[which % 4])};
}

Sent request(const Id& id, Method method, const Id& token, std::uint32_t marker,
             std::uint32_t style) {
  Maker make(Say::request);
  const std::string_view name = name_of(method);
  const bool id_last = style % 4 == 1;
  make.put(style % 4 == 2 ? R"({ "jsonrpc" : "2.0" )" : R"({"jsonrpc":"2.0")");
  if (!id_last) make.put(style % 4 == 3 ? R"(,"\u0069d": )" : R"(,"id":)").id(id);
  make.put(R"(,"method":")").put(name).put(R"(","params":{"id":1,"n":)").number(marker);
  if (method == Method::slow_tool) make.put(R"(,"name":"slow")");
  if (method == Method::other_tool) make.put(R"(,"name":"slow2")");
  if (!token.text.empty()) make.put(R"(,"_meta":{"progressToken":)").put(token.text).put("}");
  make.put("}");
  if (id_last) make.put(R"(,"id" : )").id(id).put(" ");
  make.put("}");
  make.sent().token = token;
  make.sent().method = method;
  return make.take();
}

Sent notification(std::uint32_t marker, const Id& subscription) {
  Maker make(Say::notification);
  make.put(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"n":)").number(marker);
  if (!subscription.text.empty()) make.put(",").put(kMeta).subscription(subscription).put("}");
  make.put("}}");
  return make.take();
}

Sent initialized(std::uint32_t marker) {
  Maker make(Say::notification);
  make.put(R"({"jsonrpc":"2.0","method":"notifications/initialized","params":{"n":)");
  make.number(marker).put("}}");
  make.sent().is_initialized = true;
  return make.take();
}

Sent progress(const Id& token, std::uint32_t marker) {
  Maker make(Say::progress);
  make.put(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)");
  make.sent().token_place = {make.sent().line.size(), token.text.size()};
  make.put(token.text).put(R"(,"progress":)").number(marker).put("}}");
  make.sent().token = token;
  return make.take();
}

Sent cancel(const Id& id, std::uint32_t marker) {
  Maker make(Say::cancel);
  make.put(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)").id(id);
  make.put(R"(,"n":)").number(marker).put("}}");
  return make.take();
}

Sent soft_cancel(const Id& id, std::uint32_t marker) {
  Maker make(Say::soft_cancel);
  const bool lsp = marker % 2 == 0;
  make.put(R"({"jsonrpc":"2.0","method":"$/cancel)").put(lsp ? "Request" : "_request");
  make.put(R"(","params":{"n":)").number(marker).put(lsp ? R"(,"id":)" : R"(,"requestId":)");
  make.id(id).put("}}");
  return make.take();
}

Sent answer(const Id& id, bool is_error, const Id& subscription, std::uint32_t marker,
            std::uint32_t style) {
  Maker make(Say::answer);
  make.sent().is_error = is_error;
  const bool id_last = style % 4 == 1;
  make.put(R"({"jsonrpc":"2.0")");
  if (!id_last) make.put(R"(,"id":)").id(id);
  if (is_error) {
    make.put(R"(,"error":{"code":-1,"message":"no","data":)").number(marker).put("}");
  } else {
    make.put(R"(,"result":{"n":)").number(marker).put(R"(,"id":)").number(marker % 90);
    if (!subscription.text.empty()) make.put(",").put(kMeta).subscription(subscription).put("}");
    make.put("}");
  }
  if (id_last) make.put(R"(,"id":)").id(id);
  make.put("}");
  return make.take();
}

Sent agreement(const Id& id, const Terms& terms, std::uint32_t marker) {
  Maker make(Say::answer);
  make.put(R"({"jsonrpc":"2.0","id":)").id(id).put(R"(,"result":{"n":)").number(marker);
  if (!terms.version.empty()) make.put(R"(,"protocolVersion":")").put(terms.version).put("\"");
  make.put(R"(,"capabilities":{"logging":{})");
  for (std::size_t i = 0; i < kLists.size(); ++i) {
    const bool changes = (terms.lists >> i & 1) != 0;
    make.put(",\"").put(kLists[i]).put(changes ? R"(":{"listChanged":true})" : "\":{}");
  }
  make.put("}}}");
  make.sent().terms = terms;
  return make.take();
}

Sent ping() {
  Maker make(Say::request);
  make.put(R"({"jsonrpc":"2.0","id":)").id({.text = "0"}).put(R"(,"method":"ping"})");
  Sent sent = make.take();
  sent.method = Method::ping;
  return sent;
}

Sent anonymous_error(std::uint32_t marker) {
  Maker make(Say::answer);
  make.put(R"({"jsonrpc":"2.0",)");
  if (marker % 2 == 0) make.put(R"("id":)").id({.text = "null"}).put(",");
  make.put(R"("error":{"code":-2,"message":"no","data":)").number(marker).put("}}");
  make.sent().is_error = true;
  return make.take();
}

Sent invalid(std::uint32_t which, bool only_json) {
  const Invalid& chosen = kInvalid[which % (only_json ? kInvalidJson : std::size(kInvalid))];
  return {.say = Say::invalid,
          .line = std::string(chosen.line),
          .id = {.text = std::string(chosen.id)},
          .shown = chosen.shown,
          .code = chosen.code};
}

Sent broken(Sent answer) {
  answer.line.pop_back();
  answer.say = Say::invalid;
  // A number that ends with the line may have been the beginning of another.
  const bool is_cut = answer.id_place.offset + answer.id_place.length == answer.line.size() &&
                      !answer.id.text.ends_with('"');
  answer.shown = is_cut ? 0 : answer.id.number;
  answer.id = {};
  answer.code = -32700;
  return answer;
}

std::string_view name_of(Method method) {
  return kMethodNames[static_cast<std::size_t>(method)];
}

Sent batch(std::vector<Sent> elements, std::uint32_t style) {
  Sent sent{.say = Say::batch, .line = style % 2 == 0 ? "[" : " [ "};
  for (const Sent& element : elements) {
    if (&element != &elements[0]) sent.line += style % 2 == 0 ? "," : " , ";
    sent.line += element.line;
  }
  sent.line += ']';
  sent.elements = std::move(elements);
  return sent;
}

void pad(Sent& sent, std::size_t length) {
  constexpr std::string_view kHead = R"(,"pad":")";
  if (sent.line.size() + kHead.size() + 1 > length) return;
  assert(sent.line.back() == '}');
  sent.line.pop_back();
  sent.line += kHead;
  sent.line.append(length - sent.line.size() - 2, 'x');
  sent.line += "\"}";
}

std::string with_token(const Sent& sent, std::string_view token) {
  std::string line = sent.line;
  return line.replace(sent.token_place.offset, sent.token_place.length, token);
}

std::string edited(const Sent& sent, std::string_view id, std::string_view subscription) {
  std::string line = sent.line;
  const auto replace = [&](const Place& place, std::string_view by) {
    if (place.length > 0 && !by.empty()) line.replace(place.offset, place.length, by);
  };
  if (sent.id_place.offset < sent.subscription_place.offset) {  // the last one first
    replace(sent.subscription_place, subscription);
    replace(sent.id_place, id);
  } else {
    replace(sent.id_place, id);
    replace(sent.subscription_place, subscription);
  }
  return line;
}

}  // namespace stdiogate::simulation
