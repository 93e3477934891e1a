#include "src/router/session.h"

#include <simdjson.h>

#include <algorithm>

#include "src/json/quoting.h"

namespace stdiogate {

namespace {

using simdjson::ondemand::object;
using simdjson::ondemand::value;

/// A line that is known to be valid, to look into. Only where it hardly ever happens: it copies.
class Text {
 public:
  explicit Text(std::string_view line) : text_(line), document_(parser_.iterate(text_)) {}

  /// The value that a JSON pointer (RFC 6901) leads to, good until the next is asked for.
  [[nodiscard]] simdjson::simdjson_result<value> at(std::string_view pointer) {
    return document_.at_pointer(pointer);
  }

 private:
  simdjson::padded_string text_;
  simdjson::ondemand::parser parser_;
  simdjson::simdjson_result<simdjson::ondemand::document> document_;
};

bool is_number(std::string_view json) {
  return !json.empty() && (json[0] == '-' || (json[0] >= '0' && json[0] <= '9'));
}

std::string_view trimmed(std::string_view json) {
  const std::size_t end = json.find_last_not_of(" \t\r");
  return json.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

SessionTerms session_terms(std::string_view answer) {
  SessionTerms terms;
  Text text(answer);
  std::string_view version;
  if (!text.at("/result/protocolVersion").get_string().get(version)) {
    terms.protocol_version = version;
  } else if (!text.at("/result/protocolVersion").raw_json_token().get(version) &&
             is_number(version)) {
    terms.protocol_version = trimmed(version);
  }
  for (const std::string_view list : {"tools", "prompts", "resources"}) {
    const std::string pointer = "/result/capabilities/" + std::string(list) + "/listChanged";
    bool changes = false;
    if (!text.at(pointer).get_bool().get(changes) && changes) terms.changing_lists.push_back(list);
  }
  return terms;
}

bool announces_tasks(std::string_view answer) {
  Text text(answer);
  object tasks;
  return !text.at("/result/capabilities/tasks").get_object().get(tasks) ||
         !text.at("/result/capabilities/extensions/io.modelcontextprotocol~1tasks")
              .get_object()
              .get(tasks);
}

bool is_of_acp(std::string_view initialize) {
  Text text(initialize);
  std::string_view version;
  return !text.at("/params/protocolVersion").raw_json_token().get(version) && is_number(version);
}

std::string uri_of(std::string_view request) {
  Text text(request);
  std::string_view uri;
  if (text.at("/params/uri").get_string().get(uri)) return {};
  return std::string(uri);
}

KeptLine discover_like(std::string_view last_meta) {
  Text text(last_meta);
  std::string_view version;
  object meta;
  if (text.at("/io.modelcontextprotocol~1protocolVersion").get_string().get(version) ||
      text.at("").get_object().get(meta))
    return {};
  KeptLine line{.text = R"({"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":{)",
                .id_offset = std::string_view(R"({"jsonrpc":"2.0","id":)").size(),
                .id_length = 1};
  for (auto member : meta) {
    std::string_view key;
    std::string_view value;
    if (member.unescaped_key().get(key) || key == "progressToken") continue;
    const std::string name(key);
    if (simdjson::to_json_string(member.value()).get(value)) return {};
    if (line.text.back() != '{') line.text += ',';
    append_quoted(line.text, name);
    line.text.append(":").append(value);
  }
  line.text += "}}}";
  return line;
}

void Session::keep(std::string what, KeptLine request) {
  forget(what);
  set_up.push_back({std::move(what), std::move(request)});
}

void Session::forget(std::string_view what) {
  std::erase_if(set_up, [&](const SetUp& one) { return one.what == what; });
}

bool Session::has_subscriptions() const {
  return std::ranges::any_of(set_up, [](const SetUp& one) { return !one.what.empty(); });
}

std::size_t Session::bytes() const {
  std::size_t bytes = initialize.text.size() + initialized.size();
  for (const SetUp& one : set_up)
    bytes += one.what.size() + one.request.text.size();
  return bytes;
}

}  // namespace stdiogate
