#include "src/router/details.h"

#include <algorithm>
#include <cstring>

#include "src/json/quoting.h"
#include "src/limits.h"

namespace stdiogate {

namespace {

/// The lengths of four texts, which follow in the order of Details.
struct Packed {
  Time arrived;
  Time handed_over;  // if it waited
  std::uint64_t request_bytes;
  std::uint16_t method;
  std::uint16_t name;
  std::uint16_t traceparent;
  std::uint16_t protocol_version;
};

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

/// Whether a word is somewhere in the line: a search that most lines end here. `rare`: the place of a
/// byte in the word that few lines have.
bool may_have(std::string_view line, std::string_view word, std::size_t rare) {
  for (std::size_t at = line.find(word[rare], rare); at != std::string_view::npos;
       at = line.find(word[rare], at + 1)) {
    if (line.substr(at - rare, word.size()) == word) return true;
  }
  return false;
}

}  // namespace

void pack_details(std::string& out, std::string_view line, const Message& message, Time now) {
  std::string traceparent;
  std::string version;
  if (!message.meta.empty()) {
    traceparent = text_of(member(message.meta, "traceparent"), kMaxTraceparent);
    version =
        text_of(member(message.meta, "io.modelcontextprotocol/protocolVersion"), kMaxVersionText);
  }
  // A few bytes more than are shown, so that whoever shows it knows that it is longer.
  const std::string_view method = message.method.substr(0, kMaxNameShown + 4);
  const bool named = message.method == "tools/call" || message.method == "prompts/get";
  const std::string_view name = (named ? message.name : "").substr(0, kMaxNameShown + 4);
  const Packed packed{.arrived = now,
                      .handed_over = {},
                      .request_bytes = line.size(),
                      .method = static_cast<std::uint16_t>(method.size()),
                      .name = static_cast<std::uint16_t>(name.size()),
                      .traceparent = static_cast<std::uint16_t>(traceparent.size()),
                      .protocol_version = static_cast<std::uint16_t>(version.size())};
  out.assign(reinterpret_cast<const char*>(&packed), sizeof packed);
  out.append(method).append(name).append(traceparent).append(version);
}

void note_handed_over(std::string& packed, Time now) {
  Packed head{};
  if (packed.size() < sizeof head) return;
  std::memcpy(&head, packed.data(), sizeof head);
  head.handed_over = now;
  packed.replace(0, sizeof head, reinterpret_cast<const char*>(&head), sizeof head);
}

Details unpack_details(std::string_view packed) {
  Packed head{};
  if (packed.size() < sizeof head) return {};
  std::memcpy(&head, packed.data(), sizeof head);
  packed.remove_prefix(sizeof head);
  Details details{.arrived = head.arrived, .request_bytes = head.request_bytes};
  const auto take = [&packed](std::size_t length) {
    const std::string_view text = packed.substr(0, length);
    packed.remove_prefix(length);
    return text;
  };
  details.method = take(head.method);
  details.name = take(head.name);
  details.traceparent = take(head.traceparent);
  details.protocol_version = take(head.protocol_version);
  if (head.handed_over > head.arrived) details.queued = head.handed_over - head.arrived;
  return details;
}

std::string_view error_code_in(std::string_view answer) {
  return member(member(answer, "error"), "code");
}

bool is_tool_error(std::string_view answer) {
  return may_have(answer, "\"isError\"", 3) &&
         member(member(answer, "result"), "isError") == "true";
}

}  // namespace stdiogate
