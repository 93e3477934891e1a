#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/line_writer.h"
#include "stdiogate/observer.h"
#include "stdiogate/server_end.h"

#include "src/report/time_text.h"

namespace stdiogate {

/// What runs, as a record names it.
struct RecordedSession {
  std::string id;                    // one for a run of the gate
  std::vector<std::string> command;  // of the server
  std::string directory;             // empty: not known
};

/// Writes down every line both ways, as the client has it, each in an envelope that mcpsnoop reads.
/// The envelopes gather in a text, a line each; the owner takes them to a file.
class Record final : public Observer, public LineTap {
 public:
  explicit Record(const RecordedSession& session,
                  TimeText::WallClock wall = &TimeText::system_clock);

  /// The client's lines, noise, and what was dropped on its way to the client.
  void on_event(const Event& event) override;
  /// A line for the client.
  void on_line(std::string_view line) override;

  void server_started(Time now);
  /// `number`: the router's for it, `start`: counts the starts.
  void server_ended(std::uint8_t number, std::uint64_t start, const ServerEnd& end, Time now);
  void server_replaced(std::uint64_t start, std::uint64_t replaced, Time now);
  /// Bytes that a server has written to its stderr.
  void server_stderr(std::uint8_t number, std::string_view bytes, Time now);

  /// An envelope that says how many are missing.
  [[nodiscard]] std::string lost_line(std::uint64_t count);

  /// What has gathered since it was emptied.
  [[nodiscard]] std::string& lines() { return lines_; }

 private:
  void begin(std::string_view direction);
  void add_raw(std::string_view direction, std::string_view json);
  void add_text(std::string_view direction, std::string_view text, bool truncated = false);
  void add_dropped(const Event& event);
  void add_stderr_line(std::string& line);

  std::string head_;  // of every envelope
  std::string server_;
  TimeText time_;
  Time now_{};
  std::uint64_t sequence_ = 0;
  std::string lines_;
  std::map<std::uint8_t, std::string> unfinished_;  // of each server's stderr
};

}  // namespace stdiogate
