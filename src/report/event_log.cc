#include "src/report/event_log.h"

#include <string>

#include "stdiogate/message.h"

#include "src/json/utf8.h"
#include "src/limits.h"
#include "src/report/outcome.h"

namespace stdiogate {

namespace {

/// A cancel or an answer that comes too late is a race, and no fault of anybody's.
LogLevel level_of(const Event& event) {
  switch (event.kind) {
    case EventKind::request_opened:
    case EventKind::request_queued:
    case EventKind::client_line:
    case EventKind::asked_by_gate:
    case EventKind::cancel_dropped: return LogLevel::debug;
    case EventKind::notification_dropped: return LogLevel::info;
    case EventKind::answer_dropped: return event.was_open ? LogLevel::info : LogLevel::warn;
    case EventKind::noise: return event.first ? LogLevel::warn : LogLevel::info;
    case EventKind::echo:
    case EventKind::foreign_framing:
    case EventKind::line_repaired: return event.first ? LogLevel::warn : LogLevel::debug;
    case EventKind::invalid_answer:
    case EventKind::duplicate_id:
    case EventKind::not_kept:
    case EventKind::server_refused:
    case EventKind::anonymous_error:
    case EventKind::invalid_line:
    case EventKind::overlong_line: return LogLevel::warn;
    case EventKind::request_ended: break;
  }
  return event.ending == Ending::answered || event.ending == Ending::cancelled ? LogLevel::debug
                                                                               : LogLevel::warn;
}

std::string_view name_of(const Event& event) {
  switch (event.kind) {
    case EventKind::request_opened: return "request";
    case EventKind::request_queued: return "queued";
    case EventKind::request_ended: return name_of(event.ending);
    case EventKind::duplicate_id: return "duplicate-id";
    case EventKind::answer_dropped: return "answer-dropped";
    case EventKind::cancel_dropped: return "cancel-dropped";
    case EventKind::anonymous_error: return "error-without-id";
    case EventKind::client_line:
    case EventKind::asked_by_gate: return "";  // no events of the log
    case EventKind::noise: return "noise";
    case EventKind::echo: return "echo";
    case EventKind::foreign_framing: return "content-length";
    case EventKind::line_repaired: return "line-repaired";
    case EventKind::invalid_answer: return "invalid-answer";
    case EventKind::invalid_line: return "invalid-line";
    case EventKind::overlong_line: return "overlong-line";
    case EventKind::notification_dropped: return "notification-dropped";
    case EventKind::not_kept: return "not-kept";
    case EventKind::server_refused: return "server-requests-full";
  }
  return "";
}

/// What to do about it.
std::string_view advice(const Event& event) {
  switch (event.kind) {
    case EventKind::echo:
      return "something sends the client's lines back: a terminal in between? (ssh -T, docker run -i "
             "without -t)";
    case EventKind::foreign_framing:
      return "this is the framing of the Language Server Protocol; one JSON message a line is "
             "expected";
    case EventKind::line_repaired:
      return "bytes that are not UTF-8 became U+FFFD; its sender should write UTF-8";
    case EventKind::not_kept: return "too large: after a restart the server will not get it again";
    case EventKind::server_refused: return "the client answers none of the server's requests";
    case EventKind::client_line:
    case EventKind::asked_by_gate:
    case EventKind::request_opened:
    case EventKind::request_queued:
    case EventKind::request_ended:
    case EventKind::duplicate_id:
    case EventKind::answer_dropped:
    case EventKind::cancel_dropped:
    case EventKind::anonymous_error:
    case EventKind::noise:
    case EventKind::invalid_answer:
    case EventKind::invalid_line:
    case EventKind::overlong_line:
    case EventKind::notification_dropped: break;
  }
  return "";
}

/// The id as it may be logged. What is no id, or a giant, may be a body in disguise: nothing.
std::string_view loggable(std::string_view id) {
  const bool is_id = !id.empty() && id[0] != '{' && id[0] != '[';
  return is_id && id.size() <= MessageParser::kMaxIdLength ? id : "";
}

}  // namespace

void EventLog::on_event(const Event& event) {
  const LogLevel level = level_of(event);
  if (log_.shows(level) && !name_of(event).empty()) write(level, event);
}

void EventLog::write(LogLevel level, const Event& event) {
  const std::string_view from = event.from_server ? "server" : "client";
  if (event.kind == EventKind::noise) {
    const std::uint64_t size = event.detail.size();
    // Of the first the beginning: it usually names its author.
    const std::string_view shown =
        event.first && !hides_noise_
            ? json::without_cut_character(event.detail.substr(0, kShownOfNoise))
            : "";
    return log_.write(level, name_of(event), {{"from", from}, {"bytes", size}, {"line", shown}});
  }
  const bool ended = event.kind == EventKind::request_ended;
  const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(event.latency);
  const std::string wire_id = event.wire_id != 0 ? std::to_string(event.wire_id) : "";
  const std::string latency_us = ended ? std::to_string(latency.count()) : "";
  const bool counts = ended || event.kind == EventKind::request_opened;
  const std::string in_flight = counts ? std::to_string(event.in_flight) : "";
  log_.write(level, name_of(event),
             {{"from", from},
              {"id", JsonText{loggable(event.id)}},
              {"wireId", JsonText{wire_id}},
              {"method", event.method},
              {"detail", event.detail.empty() ? advice(event) : event.detail},
              {"latencyUs", JsonText{latency_us}},
              {"inFlight", JsonText{in_flight}}});
}

}  // namespace stdiogate
