#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace stdiogate {

class Outlet;

enum class LogLevel : std::uint8_t { error, warn, info, debug };
enum class LogFormat : std::uint8_t { text, json };

/// JSON text, written unchanged: an id, as its sender wrote it.
struct JsonText {
  std::string_view text;
};

/// What one log line says besides its event. Empty texts are left out.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::uint64_t, JsonText> value;
};

/// The program's log: a line for each event, with time, level and name of the event.
///
///     2026-11-22T08:28:01.123Z warn timeout id=7 wireId=233 method=tools/call
///     {"time":"2026-11-22T08:28:01.123Z","level":"warn","event":"timeout","id":7,...}
class Log {
 public:
  /// `outlet` must outlive the log.
  Log(LogLevel level, LogFormat format, Outlet& outlet)
      : level_(level), format_(format), outlet_(outlet) {}

  [[nodiscard]] bool shows(LogLevel level) const { return level <= level_; }

  /// Writes the line if its level is shown.
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {}) {
    if (shows(level)) write_always(level, event, fields);
  }

  void write_always(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

 private:
  LogLevel level_;
  LogFormat format_;
  Outlet& outlet_;
  std::string line_;
};

}  // namespace stdiogate
