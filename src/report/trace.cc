#include "src/report/trace.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "src/json/quoting.h"
#include "src/limits.h"
#include "src/report/digits.h"
#include "src/report/outcome.h"
#include "src/text.h"

namespace stdiogate {

namespace {

constexpr std::uint64_t kMicroseconds = 1'000'000;

// Of all keys, numbers (an error's code is one) and texts of ours together, and of one byte in a
// JSON string.
constexpr std::size_t kRoom = 1024;
constexpr std::size_t kMostEscaped = 6;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

/// By W3C Trace Context, 3.2: version, trace id, parent id, flags; later versions may add fields.
bool is_traceparent(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return false;
  if (text.size() > 55 && (version == "00" || text[55] != '-')) return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  return is_hex(trace) && is_hex(parent) && is_hex(text.substr(53, 2)) && !is_zero(trace) &&
         !is_zero(parent);
}

/// The bytes that a JSON string has as they are.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = ' '; c <= '~'; ++c)
    plain[c] = c != '"' && c != '\\';
  return plain;
}();

// A record is written from left to right: each of these returns where the next goes. Keys are
// literals in the form they have in the line, `,"key":`, so that their lengths are known when this
// is compiled.

[[gnu::always_inline]] inline char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

/// Most texts are short and plain: a copy that looks at each byte costs less than a look and a
/// copy.
char* put_quoted(char* at, std::string_view text) {
  char* to = at;
  *to++ = '"';
  bool plain = true;
  for (const char c : text) {
    plain &= kPlain[static_cast<unsigned char>(c)];
    *to++ = c;
  }
  *to++ = '"';
  if (plain) return to;
  std::string quoted;
  append_quoted(quoted, text);
  return put(at, quoted);
}

[[gnu::always_inline]] inline char* add(char* at, std::string_view key, std::string_view text) {
  return text.empty() ? at : put_quoted(put(at, key), text);
}

[[gnu::always_inline]] inline char* add(char* at, std::string_view key, std::uint64_t number) {
  return put_number(put(at, key), number);
}

char* add_seconds(char* at, std::string_view key, Duration duration) {
  const std::uint64_t us = microseconds(duration);
  at = add(at, key, us / kMicroseconds);
  *at++ = '.';
  return put_six_digits(at, static_cast<std::uint32_t>(us % kMicroseconds));
}

[[gnu::always_inline]] inline char* add_name(char* at, std::string_view key,
                                             std::string_view name) {
  if (!name.data()) return at;
  at = put(at, key);
  return name.size() > kMaxNameShown ? put_quoted(at, shown(name)) : put_quoted(at, name);
}

char* add_request(char* at, const Event& event, const Details& details) {
  at = add_seconds(at, R"(,"duration_s":)", details.duration);
  at = add_name(at, R"(,"mcp.method.name":)", details.method);
  if (details.method == "tools/call") at = add_name(at, R"(,"gen_ai.tool.name":)", details.name);
  if (details.method == "prompts/get") at = add_name(at, R"(,"gen_ai.prompt.name":)", details.name);
  at = add(at, R"(,"jsonrpc.request.id":)", event.id);
  if (event.is_error || details.is_tool_error || event.ending != Ending::answered) {
    at = add(at, R"(,"rpc.response.status_code":)", status_code(event));
    at = add(at, R"(,"error.type":)", error_type(event));
  }
  at = add(at, R"(,"mcp.protocol.version":)", details.protocol_version);
  at = put(at, R"(,"network.transport":"pipe")");
  if (!is_traceparent(details.traceparent)) return at;
  at = add(at, R"(,"trace_id":)", details.traceparent.substr(3, 32));
  return add(at, R"(,"parent_span_id":)", details.traceparent.substr(36, 16));
}

char* put_time(char* at, std::string_view time) {
  at = put(put(at, R"({"time":")"), time);
  *at++ = '"';
  return at;
}

/// `server`: the start of the server that had it; 0: there was none.
char* add_outcome(char* at, const Event& event, const Details& details, std::uint64_t server) {
  at = put(at, event.from_server ? R"(,"stdiogate.from":"server","stdiogate.outcome":")"
                                 : R"(,"stdiogate.from":"client","stdiogate.outcome":")");
  at = put(at, name_of(event.ending));
  *at++ = '"';
  if (event.wire_id != 0) at = add(at, R"(,"stdiogate.wire_id":)", event.wire_id);
  at = add(at, R"(,"stdiogate.in_flight":)", std::uint64_t{details.in_flight});
  if (details.queued) at = add_seconds(at, R"(,"stdiogate.queued_s":)", *details.queued);
  at = add(at, R"(,"stdiogate.request_bytes":)", details.request_bytes);
  if (details.answer_bytes) at = add(at, R"(,"stdiogate.answer_bytes":)", *details.answer_bytes);
  return server != 0 ? add(at, R"(,"stdiogate.server":)", server) : at;
}

}  // namespace

/// Begins a record with its time. `texts`: bytes of all texts that may be added, as they are.
char* Trace::begin(std::size_t texts) {
  return put_time(lines_.begin_line(kRoom + kMostEscaped * texts), time_.text());
}

void Trace::end_line(char* at) {
  lines_.end_line(put(at, "}\n"));
}

void Trace::on_event(const Event& event) {
  if (event.kind != EventKind::request_ended || !event.details) return;
  const Details& details = *event.details;
  char* at = begin(std::min(details.method.size(), kMaxNameShown) +
                   std::min(details.name.size(), kMaxNameShown) + event.id.size() +
                   details.protocol_version.size());
  at = add_request(at, event, details);
  const auto server = servers_.find(event.server);
  const std::uint64_t start = server != servers_.end() ? server->second.start : last_start_;
  end_line(add_outcome(at, event, details, start));
}

char* Trace::begin_server(std::string_view event, const Started& server) {
  char* at = add(begin(0), R"(,"stdiogate.event":)", event);
  at = add(at, R"(,"stdiogate.server":)", server.start);
  return add(at, R"(,"process.pid":)", static_cast<std::uint64_t>(server.pid));
}

void Trace::server_started(std::uint8_t number, std::uint64_t start, pid_t pid) {
  const Started& server = servers_[number] = {.start = start, .pid = pid, .since = time_.now()};
  last_start_ = start;
  end_line(begin_server("server-start", server));
}

void Trace::server_ended(std::uint8_t number, const ServerEnd& end) {
  const auto server = servers_.find(number);
  if (server != servers_.end()) end_server(server->second, &end);
}

void Trace::end() {
  for (auto& [number, server] : servers_)
    end_server(server, nullptr);
}

/// `end`: null if it is not known how it ended.
void Trace::end_server(Started& server, const ServerEnd* end) {
  if (server.ended) return;
  server.ended = true;
  char* at = begin_server("server-end", server);
  if (end && end->signal != 0) {
    at = add(at, R"(,"stdiogate.signal":)", signal_name(end->signal));
  } else if (end) {
    at = add(at, R"(,"process.exit.code":)", static_cast<std::uint64_t>(end->status));
  }
  end_line(add_seconds(at, R"(,"duration_s":)", time_.now() - server.since));
}

void Trace::server_replaced(std::uint8_t number, std::uint8_t replaced) {
  char* at = begin_server("server-replaced", servers_[number]);
  end_line(add(at, R"(,"stdiogate.replaces":)", servers_[replaced].start));
}

std::string Trace::lost_line(std::uint64_t count) {
  char line[kRoom];
  char* at = add(put_time(line, time_.text()), R"(,"stdiogate.event":)", "lost");
  at = put(add(at, R"(,"stdiogate.lost":)", count), "}\n");
  return {line, at};
}

}  // namespace stdiogate
