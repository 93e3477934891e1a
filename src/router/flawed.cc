#include <strings.h>

#include <algorithm>
#include <utility>

#include "stdiogate/request_id.h"

#include "src/json/index.h"
#include "src/json/skim.h"
#include "src/json/utf8.h"
#include "src/limits.h"
#include "src/router/state.h"
#include "src/router/terminal.h"

// The rules for lines that are no plain valid messages: what is mended, what is refused, and which
// request such a line ends. All of it is off the way of a valid line.
namespace stdiogate {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kFraming =
    "\"Content-Length:\" is the framing of the Language Server Protocol, but one JSON message a line "
    "is expected, without headers";

void skip_byte_order_mark(std::string_view& line) {
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
}

/// The header of the Language Server Protocol's framing, in any case.
bool is_content_length(std::string_view line) {
  constexpr std::string_view kHeader = "content-length:";
  return line.size() >= kHeader.size() &&
         ::strncasecmp(line.data(), kHeader.data(), kHeader.size()) == 0;
}

/// Whether bytes that are not UTF-8 are all that is wrong with the line.
bool is_repairable(const Message& message) {
  return message.fault.code == kParseError && !message.fault.offset;
}

std::string repaired(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  json::append_repaired(text, bytes);
  return text;
}

/// Where an object may begin behind other text, from `from` on; the text's end if nowhere.
std::size_t find_object(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('{', from); at != std::string_view::npos;
       at = text.find('{', at + 1)) {
    const std::size_t next = text.find_first_not_of(" \t", at + 1);
    if (next != std::string_view::npos && text[next] == '"') return at;
  }
  return text.size();
}

}  // namespace

/// Reads the line, with U+FFFD for what is not UTF-8.
const Message& Router::State::parse_repaired(std::string_view line, bool from_server) {
  const Message& message = parse(line);
  if (!is_repairable(message)) return message;
  repaired_line = repaired(line);
  Told& told = from_server ? told_of_servers : told_of_client;
  const bool first = told.first(EventKind::line_repaired);
  report({.kind = EventKind::line_repaired, .from_server = from_server, .first = first});
  return parse(repaired_line);
}

void Router::State::client_invalid(const Message& message, std::uint64_t batch) {
  std::string_view line = message.line;
  if (message.fault.code != kParseError || batch != 0)
    return refuse_invalid(json::Skim(line), message.fault, message.id, batch);
  const std::size_t size = line.size();
  skip_byte_order_mark(line);
  const std::size_t skipped = size - line.size();
  if (is_blank(line)) return client_blank(line);
  if (is_content_length(line)) return refuse_framing();
  const Message& mended = parse_repaired(line, false);
  if (mended.kind != MessageKind::invalid) {
    if (mended.kind == MessageKind::request) mended_size = size;
    client_message(mended, 0);
    mended_size = 0;
    return;
  }
  const json::Skim shown(mended.line);
  Fault fault = mended.fault;
  std::string id(mended.id);
  // An id behind the fault may be part of anything.
  if (fault.code == kParseError)
    id = shown.id_end() <= fault.offset.value_or(0) ? repaired(shown.id()) : "";
  if (fault.offset) *fault.offset += skipped;
  refuse_invalid(shown, fault, id, 0);
}

/// `id`: the id for the error reply. If the line is an answer the reply has none: the answer's id
/// names a request of the server's, and that request ends.
void Router::State::refuse_invalid(const json::Skim& shown, const Fault& fault, std::string_view id,
                                   std::uint64_t batch) {
  if (!shown.answers()) return refuse_line(fault, id, batch);
  const std::uint64_t wire_id = shown.id().empty() ? 0 : whole_number(shown.id());
  const GateError error = invalid_answer_error(fault);
  if (of_server.complete(wire_id, {.ending = Ending::answered, .error = &error}))
    report({.kind = EventKind::invalid_answer, .wire_id = wire_id, .detail = error.message});
  refuse_line(fault, "", batch);
}

void Router::State::client_overlong(const Line& piece) {
  overlong_of_client.feed(piece.bytes);
  if (!piece.ends) return;
  const json::Skim shown = std::exchange(overlong_of_client, {});
  const std::string limit = std::to_string(config.max_line);
  const std::string what = "the line is longer than " + limit + " bytes";
  report({.kind = EventKind::overlong_line, .detail = limit});
  refuse_invalid(shown, {kInvalidRequest, what, {}}, repaired(shown.id()), 0);
}

void Router::State::server_overlong(const Line& piece) {
  Link& link = links[sender];
  link.overlong.feed(piece.bytes);
  if (!piece.ends) return;
  const json::Skim shown = std::exchange(link.overlong, {});
  const std::string limit = std::to_string(config.max_line);
  report({.kind = EventKind::overlong_line, .from_server = true, .detail = limit});
  const Request* request = shown.answers() ? asked_of_sender(shown.id()) : nullptr;
  const GateError error = line_too_long_error(config.max_line);
  if (request) of_client.complete(request->wire_id, {.ending = Ending::answered, .error = &error});
}

void Router::State::refuse_framing() {
  const GateError error = invalid_error({kParseError, kFraming, {}});
  report({.kind = EventKind::foreign_framing,
          .first = told_of_client.first(EventKind::foreign_framing)});
  reply_client("", error, 0);
}

/// A blank line: some hosts wake a server so.
void Router::State::client_blank(std::string_view line) {
  if (!refusing) notify_server(line, "");
}

void Router::State::server_invalid(const Message& message, bool in_array) {
  const std::string_view whole = message.line;
  std::string_view line = whole;
  Fault fault = message.fault;
  if (fault.code == kParseError && !in_array) {
    std::string_view text = line;
    skip_byte_order_mark(text);
    if (is_blank(text)) return;
    if (is_content_length(text)) return note_framing(line);
    if (mend_server_line(line, fault)) return;
  }
  note_noise(whole, end_by_invalid_answer(line, fault));
}

/// Strips what surrounds the message and repairs the rest. If that is a message, handles it and
/// returns true. Otherwise `fault` says what is wrong, and `line` is the rest.
bool Router::State::mend_server_line(std::string_view& line, Fault& fault) {
  std::string_view text = line;
  skip_byte_order_mark(text);
  std::string_view before = text.substr(0, decoration_before(text));
  text.remove_prefix(before.size());
  skip_byte_order_mark(text);
  std::string_view behind;
  const Message* message = &parse_bare(text, behind);
  text = message->line;
  const bool is_broken = message->fault.code == kParseError;
  const bool is_glued = is_broken && begins_with_message(text, message->fault);
  if (is_broken && !is_glued) message = &find_answer(text, before, behind);
  if (!is_glued && message->kind == MessageKind::invalid) {
    // Of the text without its decoration, since that is what a reader sees.
    fault = message->fault;
    line = message->line;
    return false;
  }
  if (!before.empty()) note_noise(before, json::Skim(before).answers());
  if (!behind.empty()) note_noise(behind);
  if (is_glued) {
    server_glued(text);
  } else {
    if (message->kind == MessageKind::request)
      mended_size = line.size() - before.size() - behind.size();
    server_message(*message);
    mended_size = 0;
  }
  // What was cut off may be an answer with text behind it.
  (void)end_by_invalid_answer(before, fault);
  return true;
}

/// Parses the text without the decoration behind it, if there is some, which becomes `behind`.
const Message& Router::State::parse_bare(std::string_view text, std::string_view& behind) {
  const Message& message = parse_repaired(text, true);
  text = message.line;
  const std::size_t end = std::min(message.fault.offset.value_or(0), text.size());
  if (end == 0 || !is_decoration(text.substr(end))) return message;
  behind = text.substr(end);
  return parse_repaired(text.substr(0, end), true);
}

/// Whether the text is a whole message with another object behind it: a newline is missing.
bool Router::State::begins_with_message(std::string_view text, const Fault& fault) {
  const std::size_t end = fault.offset.value_or(text.size());
  if (end == text.size() || text[end] != '{') return false;
  const Message& first = parse(text.substr(0, end));
  return first.kind == MessageKind::invalid ? is_repairable(first)
                                            : first.kind != MessageKind::batch;
}

/// Messages without newlines in between: each is judged by itself, as it would be in an array.
void Router::State::server_glued(std::string_view text) {
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t\r", at)) != std::string_view::npos;) {
    const std::string_view piece = text.substr(at, json::Skim(text.substr(at)).end());
    at += piece.size();
    server_message(parse_repaired(piece, true), true);
  }
}

/// The valid answer to an open request that `text` ends with, behind other text: a prompt, or a
/// print without its newline. Then `before` becomes what was before it and `behind` the decoration
/// behind it. If there is none: what is wrong with `text`.
const Message& Router::State::find_answer(std::string_view text, std::string_view& before,
                                          std::string_view& behind) {
  const char* begin = before.empty() ? text.data() : before.data();
  std::size_t at = find_object(text, 1);
  for (int tries = 0; tries < kAnswerTries && at < text.size();) {
    const std::string_view rest = text.substr(at);
    const std::size_t end = json::Skim(rest).end();
    const Message& message = parse_bare(rest, behind);
    if (message.kind == MessageKind::response && asked_of_sender(message.id)) {
      before = {begin, static_cast<std::size_t>(text.data() + at - begin)};
      return message;
    }
    behind = {};
    // An object that is whole is not the answer, nor is anything in it.
    const std::size_t fault = message.fault.offset.value_or(0);
    const bool is_whole =
        fault >= end && is_blank(text.substr(at + end, fault - end)) && at + end < text.size();
    tries += !is_whole;
    at = find_object(text, at + (is_whole ? end : 1));
  }
  return parse(text);
}

/// Whether the line, invalid though it is, answers an open request: that one need not wait for its
/// deadline.
bool Router::State::end_by_invalid_answer(std::string_view line, const Fault& fault) {
  const json::Skim skim(line);
  const Request* request = skim.answers() ? asked_of_sender(skim.id()) : nullptr;
  if (!request) return false;
  const GateError error = invalid_answer_error(fault);
  report({.kind = EventKind::invalid_answer,
          .from_server = true,
          .wire_id = request->wire_id,
          .id = request->id(),
          .detail = error.message});
  of_client.complete(request->wire_id, {.ending = Ending::answered, .error = &error});
  return true;
}

/// `is_named`: another event has just said what it is, and the line may be a body.
void Router::State::note_noise(std::string_view line, bool is_named) {
  report({.kind = EventKind::noise,
          .from_server = true,
          .first = !is_named && links[sender].told.first(EventKind::noise),
          .detail = line});
}

void Router::State::note_framing(std::string_view line) {
  report({.kind = EventKind::foreign_framing,
          .from_server = true,
          .first = links[sender].told.first(EventKind::foreign_framing)});
  note_noise(line, true);
}

/// A request of ours that has come back: a terminal in between, or a server that prints its input.
bool Router::State::is_echo(const Message& message, std::uint32_t method) const {
  const Request* request = asked_of_sender(message.id);
  return request && request->method == method && method != Methods::kOther;
}

void Router::State::note_echo(const Message& message) {
  report({.kind = EventKind::echo,
          .from_server = true,
          .first = links[sender].told.first(EventKind::echo),
          .id = message.id,
          .method = message.method});
  note_noise(message.line, true);
}

}  // namespace stdiogate
