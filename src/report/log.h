#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "src/io/line_file.h"
#include "src/io/outlet.h"

namespace stdiogate {

enum class LogLevel : std::uint8_t { error, warn, info, debug };
inline constexpr std::string_view kLogLevels[] = {"error", "warn", "info", "debug"};
enum class LogFormat : std::uint8_t { text, json };

/// JSON text, written unchanged: an id, as its sender wrote it.
struct JsonText {
  std::string_view text;
};

/// What one log line says besides its event. What is empty is left out.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::optional<std::uint64_t>, JsonText> value;
};

/// The program's log: a line for each event, with time, level and name of the event.
///
///     2026-11-22T08:28:01.123Z warn timeout id=7 wireId=233 method=tools/call
///     {"time":"2026-11-22T08:28:01.123Z","level":"warn","event":"timeout","id":7,...}
class Log final : LineFile::Owner {
 public:
  /// Writes to our stderr, which must outlive the log.
  Log(LogLevel level, LogFormat format, Outlet& err);

  /// Writes to this file instead; see LineFile. Throws std::system_error if it cannot be written.
  void open_file(Reactor& reactor, const std::string& path, std::uint64_t limit);

  /// Whether no line waits for room in the file.
  [[nodiscard]] bool is_done() const { return !file_ || file_->empty(); }
  /// The last call: what still waits is lost.
  void finish() {
    if (file_) file_->finish();
  }

  /// Lines that could not be written to the file.
  [[nodiscard]] std::uint64_t lost() const { return file_ ? file_->lost() : 0; }

  [[nodiscard]] bool shows(LogLevel level) const { return level <= level_; }

  /// Writes the line if its level is shown.
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {}) {
    if (shows(level)) write_always(level, event, fields);
  }

  void write_always(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

  /// Writes the line to our stderr, also where there is a log file.
  void write_to_stderr(LogLevel level, std::string_view event,
                       std::initializer_list<LogField> fields) {
    err_.put_line(line(level, event, fields));
  }

 private:
  // LineFile::Owner
  void on_lines_lost(const LineFile& file, int error) override;
  [[nodiscard]] std::string lost_line(std::uint64_t lines) override;

  [[nodiscard]] std::string line(LogLevel level, std::string_view event,
                                 std::initializer_list<LogField> fields) const;

  LogLevel level_;
  LogFormat format_;
  Outlet& err_;
  std::optional<LineFile> file_;
};

}  // namespace stdiogate
