#include "src/report/record.h"

#include <algorithm>
#include <utility>

#include "src/json/quoting.h"
#include "src/limits.h"
#include "src/text.h"

namespace stdiogate {

namespace {

std::string numbered(std::uint64_t start) {
  return "server " + std::to_string(start);
}

}  // namespace

Record::Record(const RecordedSession& session, PutLine put_line, TimeText time,
               std::function<void()> before_line)
    : put_line_(std::move(put_line)), before_line_(std::move(before_line)), time_(std::move(time)) {
  head_ = "{\"session_id\":";
  append_quoted(head_, session.id);
  head_ += ",\"server_label\":";
  std::string_view program;
  if (!session.command.empty()) program = session.command[0];
  append_quoted(head_, program.substr(program.find_last_of('/') + 1));
  head_ += ",\"seq\":";
  server_ = "{\"command\":[";
  for (const std::string& word : session.command) {
    if (server_.back() != '[') server_ += ',';
    append_quoted(server_, word);
  }
  server_ += ']';
  if (!session.directory.empty()) {
    server_ += ",\"cwd\":";
    append_quoted(server_, session.directory);
  }
  server_ += '}';
}

void Record::begin(std::string_view direction) {
  line_.assign(head_).append(std::to_string(++sequence_)).append(",\"ts\":\"");
  line_.append(time_.text()).append("\",\"direction\":\"").append(direction);
  line_.append("\",\"transport\":\"stdio\",");
}

void Record::put_raw(std::string_view direction, std::string_view json) {
  before_line_();
  begin(direction);
  line_.append("\"raw\":").append(json).append("}\n");
  put();
}

void Record::put_text(std::string_view direction, std::string_view text, bool truncated) {
  before_line_();
  make_text(direction, text, truncated);
  put();
}

void Record::put() {
  put_line_(line_);
  if (line_.capacity() > kFileRoom) give_back(line_);
}

void Record::make_text(std::string_view direction, std::string_view text, bool truncated) {
  begin(direction);
  line_ += "\"text\":";
  append_quoted(line_, truncated ? text.substr(0, kMaxRecordedText) : text);
  line_.append(truncated ? ",\"truncated\":true}\n" : "}\n");
}

void Record::on_event(const Event& event) {
  switch (event.kind) {
    case EventKind::line_observed:
      if (event.is_error || event.was_cut)
        return put_text(event.from_server ? "s2c" : "c2s", event.detail, event.was_cut);
      return put_raw("c2s", event.detail);
    case EventKind::noise:
      return put_text("s2c", event.detail, event.detail.size() > kMaxRecordedText);
    case EventKind::asked_by_gate:
      return put_text("meta", "asked by the gate: " + std::string(event.detail));
    case EventKind::request_ended:
      if (event.ending == Ending::refused) put_dropped(event);
      return;
    case EventKind::answer_dropped:
    case EventKind::cancel_dropped:
    case EventKind::notification_dropped: return put_dropped(event);
    case EventKind::overlong_line:
      if (event.from_server) put_text("meta", "dropped: a line of the server beyond --max-line");
      return;
    case EventKind::request_opened:
    case EventKind::request_queued:
    case EventKind::duplicate_id:
    case EventKind::anonymous_error:
    case EventKind::not_kept:
    case EventKind::server_refused:
    case EventKind::echo:
    case EventKind::foreign_framing:
    case EventKind::line_repaired:
    case EventKind::invalid_answer:
    case EventKind::invalid_line: return;
  }
}

void Record::put_dropped(const Event& event) {
  if (!event.from_server) return;
  const bool is_answer = event.kind == EventKind::answer_dropped;
  std::string what(is_answer ? "an answer" : event.method);
  what += is_answer                                ? " to no open request"
          : event.kind == EventKind::request_ended ? " beyond the limit"
                                                   : " for nothing that is open";
  put_text("meta", "dropped: " + what + ", id " + std::string(event.id));
}

void Record::client_line(std::string_view line) {
  put_raw("s2c", line);
}

void Record::server_started() {
  put_raw("meta", server_);
}

void Record::server_ended(std::uint8_t number, std::uint64_t start, const ServerEnd& end) {
  put_stderr_line(unfinished_[number]);
  put_text("meta", numbered(start) + (end.signal != 0
                                          ? " was killed by " + signal_name(end.signal)
                                          : " exited with status " + std::to_string(end.status)));
}

void Record::server_replaced(std::uint64_t start, std::uint64_t replaced) {
  put_text("meta", numbered(start) + " replaces " + numbered(replaced));
}

void Record::server_stderr(std::uint8_t number, std::string_view bytes) {
  std::string& line = unfinished_[number];
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    // One byte more than is shown, so that the line is known to be longer.
    const std::size_t room = kMaxRecordedText + 1 - line.size();
    line += bytes.substr(0, std::min(newline, room));
    if (newline == std::string_view::npos) return;
    put_stderr_line(line);
    bytes.remove_prefix(newline + 1);
  }
}

void Record::put_stderr_line(std::string& line) {
  if (!line.empty()) put_text("stderr", line, line.size() > kMaxRecordedText);
  line.clear();
}

std::string Record::lost_line(std::uint64_t count) {
  std::string line_at_hand;
  line_at_hand.swap(line_);
  make_text("meta", "lost " + std::to_string(count) + " lines", false);
  line_at_hand.swap(line_);
  return line_at_hand;
}

}  // namespace stdiogate
