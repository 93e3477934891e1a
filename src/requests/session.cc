#include "src/requests/session.h"

#include <algorithm>

#include "src/json/elements.h"
#include "src/limits.h"

namespace stdiogate {

SessionTerms session_terms(std::string_view answer) {
  const auto version = json::value_at(answer, {"result", "protocolVersion"});
  SessionTerms terms;
  terms.protocol_version = json::is_number(version) ? std::string(version) : json::text_of(version);
  terms.revision = json::short_text(version, kMaxVersionText);
  for (const std::string_view list : {"tools", "prompts", "resources"}) {
    if (json::value_at(answer, {"result", "capabilities", list, "listChanged"}) == "true")
      terms.changing_lists.push_back(list);
  }
  return terms;
}

bool announces_tasks(std::string_view answer) {
  const auto capabilities = json::value_at(answer, {"result", "capabilities"});
  return json::value_at(capabilities, {"tasks"}).starts_with('{') ||
         json::value_at(capabilities, {"extensions", "io.modelcontextprotocol/tasks"})
             .starts_with('{');
}

bool is_of_acp(std::string_view initialize) {
  return json::is_number(json::value_at(initialize, {"params", "protocolVersion"}));
}

std::string uri_of(std::string_view request) {
  return json::text_of(json::value_at(request, {"params", "uri"}));
}

KeptLine discover_like(std::string_view last_meta) {
  if (!json::value_at(last_meta, {"io.modelcontextprotocol/protocolVersion"}).starts_with('"'))
    return {};
  KeptLine line{.text = R"({"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":{)",
                .id_offset = std::string_view(R"({"jsonrpc":"2.0","id":)").size(),
                .id_length = 1};
  for (json::Parts meta(last_meta); meta.next();) {
    if (unescaped(meta.name) == "progressToken") continue;
    if (line.text.back() != '{') line.text += ',';
    line.text.append("\"").append(meta.name).append("\":").append(meta.value);
  }
  line.text += "}}}";
  return line;
}

void Session::forget(std::string_view what) {
  std::erase_if(set_up, [&](const SetUp& one) { return one.what == what; });
}

bool Session::has_subscriptions() const {
  return std::ranges::any_of(set_up, [](const SetUp& one) { return one.what != kLogLevel; });
}

std::size_t Session::bytes() const {
  std::size_t bytes = initialize.text.size() + initialized.size();
  for (const SetUp& one : set_up)
    bytes += one.what.size() + one.request.text.size();
  return bytes;
}

}  // namespace stdiogate
