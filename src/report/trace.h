#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "stdiogate/observer.h"
#include "stdiogate/server_end.h"

#include "src/io/line_file.h"
#include "src/report/time_text.h"

namespace stdiogate {

/// Makes a line for each request that has ended and for what happens to servers: the format is
/// stdiogate-trace(5).
class Trace final : public Observer {
 public:
  /// `lines` takes them, and must outlive the trace.
  Trace(LineRoom& lines, TimeText time) : lines_(lines), time_(std::move(time)) {}

  /// A request has ended, with details; all else is of no concern here.
  void on_event(const Event& event) override;

  /// `number`: the router's for the server, `start`: counts the starts.
  void server_started(std::uint8_t number, std::uint64_t start, pid_t pid);
  void server_ended(std::uint8_t number, const ServerEnd& end);
  /// It serves in place of another.
  void server_replaced(std::uint8_t number, std::uint8_t replaced);
  /// The gate ends, and with it the servers that have not ended yet.
  void end();

  /// The line for as many lines that were not written. May be called while a line is put.
  [[nodiscard]] std::string lost_line(std::uint64_t count);

 private:
  struct Started {
    std::uint64_t start = 0;
    pid_t pid = 0;
    Time since{};
    bool ended = false;
  };

  [[nodiscard]] char* begin(std::size_t texts);
  [[nodiscard]] char* begin_server(std::string_view event, const Started& server);
  void end_line(char* at);
  void end_server(Started& server, const ServerEnd* end);

  LineRoom& lines_;
  TimeText time_;
  std::map<std::uint8_t, Started> servers_;  // by the router's number
  std::uint64_t last_start_ = 0;
};

}  // namespace stdiogate
