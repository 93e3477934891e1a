#include "stdiogate/message.h"

#include <algorithm>
#include <string>

#include "stdiogate/router.h"

#include "src/json/elements.h"
#include "src/json/index.h"
#include "src/json/skim.h"
#include "src/json/utf8.h"
#include "tests/proof/fuzz/targets.h"

namespace stdiogate::fuzz {

namespace {

bool lies_in(std::string_view part, std::string_view line) {
  return part.empty() ||
         (part.data() >= line.data() && part.data() + part.size() <= line.data() + line.size());
}

/// What a message says, with nothing that lies anywhere.
struct Said {
  explicit Said(const Message& message)
      : kind(message.kind),
        code(message.fault.code),
        texts{std::string(message.id),
              std::string(message.method),
              std::string(message.name),
              std::string(message.request_id),
              std::string(message.params_id),
              std::string(message.progress_token),
              std::string(message.requested_token),
              std::string(message.subscription_id)},
        has_error(message.has_error),
        is_tool_error(message.is_tool_error),
        twice(message.twice) {}
  bool operator==(const Said&) const = default;

  MessageKind kind;
  int code;
  std::string texts[8];
  bool has_error;
  bool is_tool_error;
  Message::Twice twice;
};

void check_places(const Message& message, std::string_view line) {
  for (const std::string_view part :
       {message.id, message.request_id, message.params_id, message.progress_token,
        message.requested_token, message.subscription_id})
    must(lies_in(part, line), "an id does not lie in the line");
}

/// The id of a request replaced: the rest must say what it said.
void check_edit(const Said& said, const Message& message, std::string_view line) {
  const auto at = static_cast<std::size_t>(message.id.data() - line.data());
  std::string edited(line);
  edited.replace(at, message.id.size(), "4711");
  MessageParser parser;
  Said after(parser.parse(edited));
  must(after.texts[0] == "4711", "an id is not where it was said to be");
  after.texts[0] = said.texts[0];
  after.texts[7] = said.texts[7];  // may have been looked for, or not
  must(after == said, "a line says something else after its id was replaced");
}

void check_elements(std::string_view line, MessageParser& parser) {
  for (json::Parts elements(line); elements.next();) {
    must(lies_in(elements.value, line), "an element does not lie in the line");
    must(parser.parse(elements.value).fault.code != -32700, "an element is not JSON");
  }
}

/// What is shown of an invalid line must be right for a valid one.
void check_skim(const Message& message, std::string_view line) {
  json::Skim skim;
  const std::size_t half = line.size() / 2;
  skim.feed(line.substr(0, half));
  skim.feed(line.substr(half));
  must(skim.answers() == (message.kind == MessageKind::response), "it is taken for an answer");
  const bool is_id = json::is_string(message.id) || json::is_number(message.id);
  const bool fits = is_id && message.id.size() <= json::Skim::kMaxText;
  must(skim.id() == (fits ? message.id : ""), "another id is shown");
}

void check_repair(std::string_view bytes) {
  std::string text;
  json::append_repaired(text, bytes);
  must(json::is_utf8(text), "what was repaired is not UTF-8");
  must(!json::is_utf8(bytes) || text == bytes, "what is UTF-8 was changed");
}

/// Whatever is valid passes as it is; whatever comes out is valid.
void check_passes(std::string_view line, MessageKind kind, std::string_view method) {
  struct Blind final : Observer {
    void on_event(const Event&) override {}
  } blind;
  LineWriter to_client;
  LineWriter to_server;
  Router router({}, to_client, blind);
  router.connect(0, to_server, false, Time(std::chrono::hours(1)));
  router.server_line({line}, Time(std::chrono::hours(1)));
  const bool has_rules = method.starts_with("notifications/") || method.starts_with("$/");
  if (kind == MessageKind::notification && !has_rules)
    must(to_client.bytes() == std::string(line) + "\n", "a valid line was changed");
  if (to_client.bytes().empty()) return;
  MessageParser parser;
  const std::string_view out = to_client.bytes().substr(0, to_client.bytes().find('\n'));
  must(parser.parse(out).kind != MessageKind::invalid, "an invalid line was forwarded");
}

/// Lines read one behind the other, their tokens found at once: each says what it says alone.
void check_expected(std::string_view input, bool results) {
  static MessageParser alone;
  static MessageParser parser;
  std::string lines(input);
  lines += '\n';
  lines.shrink_to_fit();
  parser.expect(lines);
  for (std::string_view rest = lines; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    const Message& message = parser.parse(line, results);
    check_places(message, line);
    must(Said(message) == Said(alone.parse(line, results)), "it depends on other lines");
  }
  parser.expect({});
}

}  // namespace

void message(std::string_view input) {
  if (input.empty()) return;
  const bool results = (input[0] & 1) != 0;
  check_expected(input.substr(1), results);
  std::string line(input.substr(1));
  std::ranges::replace(line, '\n', ' ');  // no line has one
  line.shrink_to_fit();                   // what is read beyond the end is found
  static MessageParser parser;

  const Message& message = parser.parse(line, results);
  check_places(message, line);
  const Said said(message);
  if (message.kind != MessageKind::invalid && message.kind != MessageKind::batch)
    check_skim(message, line);
  check_repair(line);
  check_passes(line, message.kind, said.texts[1]);
  if (message.kind == MessageKind::request) check_edit(said, message, line);
  if (message.kind == MessageKind::batch) check_elements(line, parser);
}

}  // namespace stdiogate::fuzz
