#include "src/router/details.h"

#include "src/json/elements.h"
#include "src/limits.h"

namespace stdiogate {

namespace {

/// Whether the line contains the word. `rare`: the place of a byte in the word that few lines
/// contain: a search for that byte settles most of them.
bool may_have(std::string_view line, std::string_view word, std::size_t rare) {
  for (std::size_t at = line.find(word[rare], rare); at != std::string_view::npos;
       at = line.find(word[rare], at + 1)) {
    if (line.substr(at - rare, word.size()) == word) return true;
  }
  return false;
}

}  // namespace

const RequestTexts& TextReader::read(const Message& request, bool is_known) {
  // A few bytes more than are shown, so that whoever shows it knows that it is longer.
  constexpr std::size_t kMost = kMaxNameShown + 4;
  const bool named = request.method == "tools/call" || request.method == "prompts/get";
  texts_ = {.method = is_known ? std::string_view() : request.method.substr(0, kMost),
            .name = named ? request.name.substr(0, kMost) : std::string_view()};
  if (request.meta.empty()) return texts_;
  traceparent_ = json::text_of(json::value_at(request.meta, {"traceparent"}), kTraceparentRead);
  version_ = json::short_text(
      json::value_at(request.meta, {"io.modelcontextprotocol/protocolVersion"}), kMaxVersionText);
  texts_.traceparent = traceparent_;
  texts_.protocol_version = version_;
  return texts_;
}

std::string_view error_code_in(std::string_view answer) {
  return json::value_at(answer, {"error", "code"});
}

bool is_tool_error(std::string_view answer) {
  // A letter of the name may be written as an escape.
  return (may_have(answer, "\"isError\"", 3) || may_have(answer, "\\u00", 0)) &&
         json::value_at(answer, {"result", "isError"}) == "true";
}

}  // namespace stdiogate
