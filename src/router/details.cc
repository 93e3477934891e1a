#include "src/router/details.h"

#include <algorithm>
#include <cstring>

#include "src/json/quoting.h"
#include "src/limits.h"

namespace stdiogate {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t after_space(std::string_view json, std::size_t at) {
  while (at < json.size() && is_space(json[at]))
    ++at;
  return at;
}

/// Behind the string that begins at `at`.
std::size_t after_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at)
    at += json[at] == '\\';
  return at + 1;
}

/// Behind the value that begins at `at`.
std::size_t after_value(std::string_view json, std::size_t at) {
  std::size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = after_string(json, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
      continue;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0 && (c == ',' || is_space(c))) {
      return at;
    } else {
      ++at;
      if (depth > 0 || !is_space(c)) continue;
    }
    if (depth == 0) return at;
  }
  return at;
}

/// The JSON text of a member of an object, the last of that name; empty if there is none, or it is
/// no object.
std::string_view member(std::string_view json, std::string_view name) {
  std::string_view found;
  std::size_t at = after_space(json, 0);
  if (at >= json.size() || json[at] != '{') return found;
  at = after_space(json, at + 1);
  while (at < json.size() && json[at] == '"') {
    const std::size_t end = after_string(json, at);
    const std::string_view key = json.substr(at + 1, end - at - 2);
    at = after_space(json, after_space(json, end) + 1);
    const std::size_t value_end = after_value(json, at);
    const bool escaped = key.find('\\') != std::string_view::npos;
    if (key == name || (escaped && unescaped(key) == name)) found = json.substr(at, value_end - at);
    at = after_space(json, value_end);
    if (at < json.size() && json[at] == ',') at = after_space(json, at + 1);
  }
  return found;
}

/// What a JSON string of at most `most` bytes stands for; empty for any other value.
std::string text_of(std::string_view json, std::size_t most) {
  if (json.size() < 2 || json[0] != '"' || json.size() > most + 2) return {};
  return unescaped(json.substr(1, json.size() - 2));
}

/// Whether the line contains the word. `rare`: the place of a byte in the word that few lines contain:
/// a search for that byte settles most of them.
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
  texts_ = {.method = is_known ? "" : request.method.substr(0, kMost),
            .name = named ? request.name.substr(0, kMost) : ""};
  if (request.meta.empty()) return texts_;
  traceparent_ = text_of(member(request.meta, "traceparent"), kMaxTraceparent);
  version_ =
      text_of(member(request.meta, "io.modelcontextprotocol/protocolVersion"), kMaxVersionText);
  texts_.traceparent = traceparent_;
  texts_.protocol_version = version_;
  return texts_;
}

std::string_view error_code_in(std::string_view answer) {
  return member(member(answer, "error"), "code");
}

bool is_tool_error(std::string_view answer) {
  return may_have(answer, "\"isError\"", 3) &&
         member(member(answer, "result"), "isError") == "true";
}

}  // namespace stdiogate
