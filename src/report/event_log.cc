#include "src/report/event_log.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "stdiogate/message.h"

#include "src/json/utf8.h"
#include "src/limits.h"
#include "src/report/outcome.h"
#include "src/text.h"

namespace stdiogate {

namespace {

/// What the log says of one kind of event.
struct Kind {  // NOLINT(clang-analyzer-optin.performance.Padding): a table, read by people
  EventKind kind;
  std::string_view name;  // empty: it is no event of the log
  LogLevel level;         // where it tells of a fault: see tells_of_fault
  LogLevel other;         // elsewhere
  std::string_view advice = {};
};

using enum LogLevel;

// In the order of the enum. A cancel or an answer that comes too late is a race, and no fault of
// anybody's.
constexpr Kind kKinds[] = {
    {EventKind::request_opened, "request", debug, debug},
    {EventKind::request_queued, "queued", debug, debug},
    {EventKind::request_ended, "", warn, debug},  // named for its ending
    {EventKind::duplicate_id, "duplicate-id", warn, warn},
    {EventKind::answer_dropped, "answer-dropped", warn, info},
    {EventKind::cancel_dropped, "cancel-dropped", debug, debug},
    {EventKind::anonymous_error, "error-without-id", warn, warn},
    {EventKind::noise, "noise", warn, info},
    {EventKind::echo, "echo", warn, debug,
     "something sends the client's lines back: a terminal in between? (ssh -T, docker run -i "
     "without -t)"},
    {EventKind::foreign_framing, "content-length", warn, debug,
     "this is the framing of the Language Server Protocol; one JSON message a line is expected"},
    {EventKind::line_repaired, "line-repaired", warn, debug,
     "bytes that are not UTF-8 became U+FFFD; its sender should write UTF-8"},
    {EventKind::invalid_answer, "invalid-answer", warn, warn},
    {EventKind::invalid_line, "invalid-line", warn, warn},
    {EventKind::overlong_line, "overlong-line", warn, warn},
    {EventKind::notification_dropped, "notification-dropped", info, info},
    {EventKind::not_kept, "not-kept", warn, warn,
     "too large: after a restart the server will not get it again"},
    {EventKind::server_refused, "server-requests-full", warn, warn,
     "the client answers none of the server's requests"},
    {EventKind::line_observed, "", debug, debug},
    {EventKind::asked_by_gate, "", debug, debug},
};
static_assert(std::ranges::is_sorted(kKinds, {}, &Kind::kind));
static_assert(std::size(kKinds) == static_cast<std::size_t>(EventKind::asked_by_gate) + 1);

bool tells_of_fault(const Event& event) {
  if (event.kind == EventKind::answer_dropped) return !event.was_open;
  if (event.kind == EventKind::request_ended)
    return event.ending != Ending::answered && event.ending != Ending::cancelled;
  return event.first;
}

/// The id as it may be logged. What is no id, or a giant, may be a body in disguise: nothing.
std::string_view loggable(std::string_view id) {
  const bool is_id = !id.empty() && id[0] != '{' && id[0] != '[';
  return is_id && id.size() <= MessageParser::kMaxIdLength ? id : "";
}

/// Of the first noise the beginning: it usually names its author.
void log_noise(Log& log, LogLevel level, const Event& event, bool hides) {
  const std::uint64_t size = event.detail.size();
  const std::string_view beginning = event.detail.substr(0, kShownOfNoise);
  const std::string_view shown =
      event.first && !hides ? json::without_cut_character(beginning) : "";
  log.write(level, "noise", {{"from", "server"}, {"bytes", size}, {"line", shown}});
}

void write(Log& log, LogLevel level, std::string_view name, const Event& event) {
  const bool ended = event.kind == EventKind::request_ended;
  std::optional<std::uint64_t> wire_id;
  std::optional<std::uint64_t> latency;
  std::optional<std::uint64_t> in_flight;
  if (event.wire_id != 0) wire_id = event.wire_id;
  if (ended) latency = microseconds(event.latency);
  if (ended || event.kind == EventKind::request_opened) in_flight = event.in_flight;
  const std::string_view advice = kKinds[static_cast<std::size_t>(event.kind)].advice;
  log.write(level, name,
            {{"from", event.from_server ? "server" : "client"},
             {"id", JsonText{loggable(event.id)}},
             {"wireId", wire_id},
             {"method", event.method},
             {"detail", event.detail.empty() ? advice : event.detail},
             {"latencyUs", latency},
             {"inFlight", in_flight}});
}

}  // namespace

void log_event(Log& log, const Event& event, bool hides_noise) {
  const Kind& kind = kKinds[static_cast<std::size_t>(event.kind)];
  const LogLevel level = tells_of_fault(event) ? kind.level : kind.other;
  if (!log.shows(level)) return;
  if (event.kind == EventKind::noise) return log_noise(log, level, event, hides_noise);
  const bool ended = event.kind == EventKind::request_ended;
  const std::string_view name = ended ? name_of(event.ending) : kind.name;
  if (!name.empty()) write(log, level, name, event);
}

}  // namespace stdiogate
