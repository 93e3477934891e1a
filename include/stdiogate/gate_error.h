#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdiogate/clock.h"
#include "stdiogate/message.h"
#include "stdiogate/server_end.h"

namespace stdiogate {

/// Why the gate itself answers with an error.
enum class Reason : std::uint8_t {
  limit,
  timeout,
  server_exited,
  shutting_down,
  line_too_long,
  queue_timeout,
  server_not_started,
  invalid_answer,
  cancelled,
  invalid,
};

/// What all errors of one reason have in common.
struct ReasonInfo {
  Reason reason;
  int code;                  // JSON-RPC error code; of `invalid`: the fault's
  std::string_view name;     // data.reason
  std::string_view meaning;  // a sentence for people
};

/// All reasons, in the order of the enum. The codes are outside JSON-RPC's reserved range, as MCP
/// 2026-07-28 (basic/index, error codes) asks of errors that are not the peer's; -32800 is what LSP
/// and the Agent Client Protocol answer a cancelled request with.
inline constexpr ReasonInfo kReasons[] = {
    {Reason::limit, -31001, "limit", "all slots are taken"},
    {Reason::timeout, -31002, "timeout",
     "the server did not answer in time; the gate told it to cancel"},
    {Reason::server_exited, -31003, "server-exited", "the server ended before it answered"},
    {Reason::shutting_down, -31004, "shutting-down", "the gate was told to end"},
    {Reason::line_too_long, -31005, "line-too-long", "the server's answer exceeds --max-line"},
    {Reason::queue_timeout, -31006, "queue-timeout",
     "no slot became free, or no server started, in time"},
    {Reason::server_not_started, -31007, "server-not-started", "the command could not be run"},
    {Reason::invalid_answer, -31008, "invalid-answer", "the server's answer is not valid"},
    {Reason::cancelled, -32800, "cancelled", "the client cancelled it before the server had it"},
    {Reason::invalid, kInvalidRequest, "invalid",
     "the line is not valid JSON (-32700) or not a JSON-RPC message (-32600)"},
};

[[nodiscard]] constexpr const ReasonInfo& info_of(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)];
}

/// An error of the gate's own making, ready to be told.
struct GateError {
  Reason reason = Reason::invalid;
  int code = 0;
  /// True exactly when a valid request was never handed to the server: sending it again is safe.
  bool retryable = false;
  std::string message;
  std::string data;  // further members of `data` as JSON, each with a comma in front; may be empty
};

/// The errors, one function for each reason. Texts are any bytes: they are quoted here.
/// `of`: what there is too much of.
[[nodiscard]] GateError limit_error(std::uint32_t limit,
                                    std::string_view of = "concurrent requests");
[[nodiscard]] GateError cancelled_error();
[[nodiscard]] GateError queue_timeout_error(Duration waited, std::uint32_t limit);
/// It has waited this long for a server to be started, and none serves.
[[nodiscard]] GateError server_wait_error(Duration waited);
/// `stderr_tail`: what the server has said last, cut to 2 KiB; may be empty.
[[nodiscard]] GateError timeout_error(Duration limit, Duration elapsed, std::string_view method,
                                      std::string_view stderr_tail = {});
/// `handed_over`: the request had been sent to the server. `stderr_tail`: its last lines, cut to 2
/// KiB.
[[nodiscard]] GateError server_exited_error(const ServerEnd& end, std::string_view stderr_tail,
                                            bool handed_over);
/// For a request that no server will get: the last one has not ended, but reads no more.
[[nodiscard]] GateError server_reads_no_more_error(std::string_view stderr_tail);
[[nodiscard]] GateError shutting_down_error(bool handed_over);
[[nodiscard]] GateError line_too_long_error(std::size_t limit);
/// `error`: an errno; `reason`: what it means here.
[[nodiscard]] GateError server_not_started_error(std::string_view command, int error,
                                                 std::string_view reason);
[[nodiscard]] GateError invalid_answer_error(const Fault& fault);
[[nodiscard]] GateError invalid_error(const Fault& fault);

/// Appends the JSON-RPC error response. `id` is JSON text; empty: the member is left out, as MCP
/// (2025-11-25 and later) has it where the id is not known.
void append_error_response(std::string& out, std::string_view id, const GateError& error);

}  // namespace stdiogate
