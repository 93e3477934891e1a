#include "src/report/trace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>

#include "src/json/quoting.h"
#include "src/limits.h"
#include "src/report/outcome.h"
#include "src/text.h"

namespace stdiogate {

namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;

// Of all keys, numbers and texts of ours together, and of one byte in a JSON string.
constexpr std::size_t kRoom = 1024;
constexpr std::size_t kMostEscaped = 6;

std::int64_t microseconds(Duration duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return us > 0 ? us : 0;
}

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

}  // namespace

/// Begins a record with its time. `texts`: bytes of all texts that may be added, as they are.
void Trace::begin(Time now, std::size_t texts) {
  last_ = now;
  const std::size_t room = kRoom + kMostEscaped * texts;
  if (buffer_.size() < room) buffer_.resize(room);
  at_ = buffer_.data();
  put(R"({"time":")");
  put(time_.of(now));
  put("\"");
}

/// Returns the line, which is good until the next one begins.
std::string_view Trace::finish() {
  put("}\n");
  return {buffer_.data(), static_cast<std::size_t>(at_ - buffer_.data())};
}

[[gnu::always_inline]] inline void Trace::put(std::string_view text) {
  std::memcpy(at_, text.data(), text.size());
  at_ += text.size();
}

// Keys are literals in the form they have in the line, `,"key":`, so that their lengths are known when
// this is compiled.

[[gnu::always_inline]] inline void Trace::add(std::string_view key, std::string_view text) {
  if (text.empty()) return;
  put(key);
  put_text(text);
}

/// Most texts are short and plain: a copy that looks at each byte costs less than a look and a copy.
void Trace::put_text(std::string_view text) {
  char* to = at_;
  *to++ = '"';
  bool plain = true;
  for (const char c : text) {
    plain &= kPlain[static_cast<unsigned char>(c)];
    *to++ = c;
  }
  *to++ = '"';
  if (plain) {
    at_ = to;
    return;
  }
  std::string quoted;
  append_quoted(quoted, text);
  put(quoted);
}

[[gnu::always_inline]] inline void Trace::add(std::string_view key, std::uint64_t number) {
  put(key);
  at_ = std::to_chars(at_, at_ + 20, number).ptr;
}

void Trace::add_seconds(std::string_view key, Duration duration) {
  const std::int64_t us = microseconds(duration);
  add(key, static_cast<std::uint64_t>(us / kMicroseconds));
  *at_ = '.';
  put_digits(at_ + 1, static_cast<std::uint32_t>(us % kMicroseconds), 6);
  at_ += 7;
}

void Trace::add_name(std::string_view key, std::string_view name) {
  if (name.size() > kMaxNameShown) return add(key, shown(name));
  add(key, name);
}

void Trace::on_event(const Event& event) {
  if (event.kind != EventKind::request_ended || !event.details) return;
  const Details& details = *event.details;
  begin(event.now, std::min(details.method.size(), kMaxNameShown) +
                       std::min(details.name.size(), kMaxNameShown) + event.id.size() +
                       2 * details.error_code.size() + details.protocol_version.size());
  add_request(event, details);
  add_outcome(event, details);
  put_line_(finish());
}

void Trace::add_request(const Event& event, const Details& details) {
  add_seconds(R"(,"duration_s":)", event.now - details.arrived);
  add_name(R"(,"mcp.method.name":)", details.method);
  if (details.method == "tools/call") add_name(R"(,"gen_ai.tool.name":)", details.name);
  if (details.method == "prompts/get") add_name(R"(,"gen_ai.prompt.name":)", details.name);
  add(R"(,"jsonrpc.request.id":)", event.id);
  if (event.is_error || details.is_tool_error || event.ending != Ending::answered) {
    add(R"(,"rpc.response.status_code":)", status_code(event));
    add(R"(,"error.type":)", error_type(event));
  }
  add(R"(,"mcp.protocol.version":)", details.protocol_version);
  put(R"(,"network.transport":"pipe")");
  if (!is_traceparent(details.traceparent)) return;
  add(R"(,"trace_id":)", details.traceparent.substr(3, 32));
  add(R"(,"parent_span_id":)", details.traceparent.substr(36, 16));
}

void Trace::add_outcome(const Event& event, const Details& details) {
  put(event.from_server ? R"(,"stdiogate.from":"server","stdiogate.outcome":")"
                        : R"(,"stdiogate.from":"client","stdiogate.outcome":")");
  put(name_of(event.ending));
  put("\"");
  if (event.wire_id != 0) add(R"(,"stdiogate.wire_id":)", event.wire_id);
  add(R"(,"stdiogate.in_flight":)", std::uint64_t{details.in_flight});
  if (details.queued) add_seconds(R"(,"stdiogate.queued_s":)", *details.queued);
  add(R"(,"stdiogate.request_bytes":)", details.request_bytes);
  if (details.answer_bytes) add(R"(,"stdiogate.answer_bytes":)", *details.answer_bytes);
  const auto server = servers_.find(event.server);
  add(R"(,"stdiogate.server":)", server != servers_.end() ? server->second.start : last_start_);
}

void Trace::begin_server(std::string_view event, const Started& server, Time now) {
  begin(now, 0);
  add(R"(,"stdiogate.event":)", event);
  add(R"(,"stdiogate.server":)", server.start);
  add(R"(,"process.pid":)", static_cast<std::uint64_t>(server.pid));
}

void Trace::server_started(std::uint8_t number, std::uint64_t start, pid_t pid, Time now) {
  const Started& server = servers_[number] = {.start = start, .pid = pid, .since = now};
  last_start_ = start;
  begin_server("server-start", server, now);
  put_line_(finish());
}

void Trace::server_ended(std::uint8_t number, const ServerEnd& end, Time now) {
  const auto server = servers_.find(number);
  if (server != servers_.end()) end_server(server->second, &end, now);
}

void Trace::end(Time now) {
  for (auto& [number, server] : servers_)
    end_server(server, nullptr, now);
}

/// `end`: null if it is not known how it ended.
void Trace::end_server(Started& server, const ServerEnd* end, Time now) {
  if (server.ended) return;
  server.ended = true;
  begin_server("server-end", server, now);
  if (end && end->signal != 0) {
    add(R"(,"stdiogate.signal":)", signal_name(end->signal));
  } else if (end) {
    add(R"(,"process.exit.code":)", static_cast<std::uint64_t>(end->status));
  }
  add_seconds(R"(,"duration_s":)", now - server.since);
  put_line_(finish());
}

void Trace::server_replaced(std::uint8_t number, std::uint8_t replaced, Time now) {
  begin_server("server-replaced", servers_[number], now);
  add(R"(,"stdiogate.replaces":)", servers_[replaced].start);
  put_line_(finish());
}

std::string Trace::lost_line(std::uint64_t count) {
  std::string line_at_hand;
  line_at_hand.swap(buffer_);
  begin(last_, 0);
  add(R"(,"stdiogate.event":)", "lost");
  add(R"(,"stdiogate.lost":)", count);
  std::string line(finish());
  line_at_hand.swap(buffer_);
  return line;
}

}  // namespace stdiogate
