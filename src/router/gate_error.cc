#include "stdiogate/gate_error.h"

#include <algorithm>

#include "src/json/quoting.h"
#include "src/json/utf8.h"
#include "src/limits.h"
#include "src/text.h"

namespace stdiogate {

namespace {

GateError error_of(Reason reason, bool retryable, std::string message) {
  return {.reason = reason,
          .code = info_of(reason).code,
          .retryable = retryable,
          .message = std::move(message),
          .data = {}};
}

void add_number(GateError& error, std::string_view name, std::uint64_t value) {
  error.data.append(",\"").append(name).append("\":").append(std::to_string(value));
}

void add_text(GateError& error, std::string_view name, std::string_view value) {
  error.data.append(",\"").append(name).append("\":");
  append_quoted(error.data, value);
}

/// The last whole lines that fit into kMaxErrorStderr as the client decodes them; the last
/// characters of the last one if it alone does not.
std::string last_lines(std::string_view tail) {
  // A character cut at the front becomes at most three U+FFFD, which are cut off again below.
  constexpr std::size_t kMargin = 12;
  const std::size_t most = kMaxErrorStderr + kMargin;
  std::string text;
  json::append_repaired(text, tail.substr(tail.size() - std::min(tail.size(), most)));
  if (text.size() <= kMaxErrorStderr) return text;
  std::size_t begin = text.size() - kMaxErrorStderr;
  const std::size_t newline = text.find('\n', begin - 1);
  if (newline < text.size() - 1) return text.substr(newline + 1);
  while ((static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80)
    ++begin;
  return text.substr(begin);
}

}  // namespace

GateError limit_error(std::uint32_t limit, std::string_view of) {
  auto error = error_of(Reason::limit, true,
                        "Maximum " + std::string(of) + " (" + std::to_string(limit) + ") exceeded");
  add_number(error, "limit", limit);
  return error;
}

GateError cancelled_error() {
  return error_of(Reason::cancelled, true, "Request cancelled");
}

GateError queue_timeout_error(Duration waited, std::uint32_t limit) {
  auto error =
      error_of(Reason::queue_timeout, true, "Waited " + format_duration(waited) + " for a slot");
  add_number(error, "limit", limit);
  return error;
}

GateError server_wait_error(Duration waited) {
  return error_of(Reason::queue_timeout, true,
                  "Waited " + format_duration(waited) + " for the server to start");
}

GateError timeout_error(Duration limit, Duration elapsed, std::string_view method,
                        std::string_view stderr_tail) {
  auto error =
      error_of(Reason::timeout, false, "Request timed out after " + format_duration(limit));
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  add_number(error, "elapsedMs", static_cast<std::uint64_t>(ms));
  add_text(error, "method", method);
  if (!stderr_tail.empty()) add_text(error, "stderr", last_lines(stderr_tail));
  return error;
}

GateError server_exited_error(const ServerEnd& end, std::string_view stderr_tail,
                              bool handed_over) {
  const bool killed = end.signal != 0;
  auto error = error_of(Reason::server_exited, !handed_over,
                        killed ? "Server was killed by signal " + signal_name(end.signal) +
                                     (end.out_of_memory ? " (out of memory)" : "")
                               : "Server exited with status " + std::to_string(end.status));
  if (killed) {
    add_text(error, "signal", signal_name(end.signal));
    if (end.out_of_memory) error.data += R"(,"oom":true)";
  } else {
    add_number(error, "status", static_cast<std::uint64_t>(end.status));
  }
  if (!stderr_tail.empty()) add_text(error, "stderr", last_lines(stderr_tail));
  return error;
}

GateError server_reads_no_more_error(std::string_view stderr_tail) {
  auto error = error_of(Reason::server_exited, true, "Server has closed its stdin");
  if (!stderr_tail.empty()) add_text(error, "stderr", last_lines(stderr_tail));
  return error;
}

GateError shutting_down_error(bool handed_over) {
  return error_of(Reason::shutting_down, !handed_over, "Gate is shutting down");
}

GateError line_too_long_error(std::size_t limit) {
  auto error = error_of(Reason::line_too_long, false,
                        "Response of more than " + std::to_string(limit) + " bytes");
  add_number(error, "limit", limit);
  return error;
}

GateError server_not_started_error(std::string_view command, int error_number,
                                   std::string_view reason) {
  auto error = error_of(Reason::server_not_started, true,
                        "Cannot run " + std::string(command) + ": " + std::string(reason));
  add_text(error, "errno", errno_name(error_number));
  return error;
}

GateError invalid_answer_error(const Fault& fault) {
  auto error = error_of(Reason::invalid_answer, false,
                        "The answer is not valid: " + std::string(fault.what));
  if (fault.offset) add_number(error, "offset", *fault.offset);
  return error;
}

GateError invalid_error(const Fault& fault) {
  std::string message = fault.code == kParseError ? "Parse error: " : "Invalid request: ";
  message += fault.what;
  if (fault.offset) message += " at byte " + std::to_string(*fault.offset);
  auto error = error_of(Reason::invalid, false, std::move(message));
  error.code = fault.code;
  if (fault.offset) add_number(error, "offset", *fault.offset);
  return error;
}

void append_error_response(std::string& out, std::string_view id, const GateError& error) {
  out += "{\"jsonrpc\":\"2.0\",";
  if (!id.empty()) out.append("\"id\":").append(id).append(",");
  out.append("\"error\":{\"code\":").append(std::to_string(error.code)).append(",\"message\":");
  append_quoted(out, error.message);
  out.append(",\"data\":{\"from\":\"stdiogate\",\"reason\":\"").append(info_of(error.reason).name);
  out.append(error.retryable ? "\",\"retryable\":true" : "\",\"retryable\":false");
  out.append(error.data).append("}}}");
}

}  // namespace stdiogate
