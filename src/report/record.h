#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/observer.h"
#include "stdiogate/server_end.h"

#include "src/report/time_text.h"

namespace stdiogate {

/// What runs, as a record names it.
struct RecordedSession {
  std::string id{};                  // one for a run of the gate
  std::vector<std::string> command;  // of the server
  std::string directory;             // empty: not known
};

/// Puts every line both ways, as the client has it, into an envelope that mcpsnoop reads.
class Record final : public Observer {
 public:
  /// Is called with each envelope, a line with its newline. The bytes are good during the call.
  using PutLine = std::function<void(std::string_view line)>;

  /// `before_line` is called before each envelope is made: it may ask for a `lost_line`, which then
  /// has the number before.
  Record(
      const RecordedSession& session, PutLine put_line, TimeText time,
      std::function<void()> before_line = [] {});

  /// The client's lines, noise, and what was dropped on its way to the client.
  void on_event(const Event& event) override;
  /// A line for the client.
  void client_line(std::string_view line);

  void server_started();
  /// `number`: the router's for it, `start`: counts the starts.
  void server_ended(std::uint8_t number, std::uint64_t start, const ServerEnd& end);
  void server_replaced(std::uint64_t start, std::uint64_t replaced);
  /// Bytes that a server has written to its stderr.
  void server_stderr(std::uint8_t number, std::string_view bytes);

  /// An envelope that says how many are missing. May be called while one is put.
  [[nodiscard]] std::string lost_line(std::uint64_t count);

 private:
  void begin(std::string_view direction);
  void put();
  void put_raw(std::string_view direction, std::string_view json);
  void put_text(std::string_view direction, std::string_view text, bool truncated = false);
  void make_text(std::string_view direction, std::string_view text, bool truncated);
  void put_dropped(const Event& event);
  void put_stderr_line(std::string& line);

  PutLine put_line_;
  std::function<void()> before_line_;
  std::string head_;  // of every envelope
  std::string server_;
  TimeText time_;
  std::uint64_t sequence_ = 0;
  std::string line_;                                // at hand
  std::map<std::uint8_t, std::string> unfinished_;  // of each server's stderr
};

}  // namespace stdiogate
