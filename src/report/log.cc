#include "src/report/log.h"

#include <cerrno>
#include <system_error>

#include "src/json/quoting.h"
#include "src/report/time_text.h"
#include "src/text.h"

namespace stdiogate {

namespace {

/// Whether a text can stand in a text line without quotes.
bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c > '~') return false;
  }
  return true;
}

/// The value as the line has it; empty if it is left out.
std::string text_of(const LogField& field, bool quote_always) {
  if (const auto* number = std::get_if<std::optional<std::uint64_t>>(&field.value))
    return *number ? std::to_string(**number) : "";
  const auto* json = std::get_if<JsonText>(&field.value);
  const std::string_view text = json ? json->text : std::get<std::string_view>(field.value);
  const bool stays = json ? is_printable(text) : !quote_always && is_plain(text);
  if (stays || text.empty()) return std::string(text);
  std::string quoted;
  append_quoted(quoted, text);
  return quoted;
}

}  // namespace

Log::Log(LogLevel level, LogFormat format, Outlet& err)
    : level_(level), format_(format), err_(err) {
  err.on_drop([this](std::uint64_t lines) {
    return line(LogLevel::warn, "stderr-dropped", {{"lines", lines}});
  });
}

void Log::open_file(Reactor& reactor, const std::string& path, std::uint64_t limit) {
  LineFile::Owner& owner = *this;
  const int error = file_.emplace(reactor, owner, path, limit).open();
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  if (error != 0 && !is_full)  // there may be room when there is something to write
    throw std::system_error(error, std::generic_category(), "log file '" + path + "'");
}

void Log::write_always(LogLevel level, std::string_view event,
                       std::initializer_list<LogField> fields) {
  const std::string text = line(level, event, fields);
  if (!file_) return err_.put_line(text);
  file_->put(text);
  file_->flush();
}

void Log::on_lines_lost(const LineFile& file, int error) {
  err_.put_line(line(LogLevel::error, "log-file-failed",
                     {{"file", file.path()}, {"reason", errno_text(error)}}));
}

std::string Log::lost_line(std::uint64_t lines) {
  return line(LogLevel::error, "log-lines-lost", {{"lines", lines}});
}

std::string Log::line(LogLevel level, std::string_view event,
                      std::initializer_list<LogField> fields) const {
  const std::string_view level_name = kLogLevels[static_cast<std::size_t>(level)];
  const bool json = format_ == LogFormat::json;
  std::string text = json ? "{\"time\":\"" : "";
  text.append(TimeText(std::chrono::steady_clock::now).text().substr(0, 23));  // to the millisecond
  text.append(json ? "Z\",\"level\":\"" : "Z ");
  text.append(level_name).append(json ? "\",\"event\":\"" : " ").append(event);
  if (json) text += '"';
  for (const LogField& field : fields) {
    const std::string value = text_of(field, json);
    if (value.empty()) continue;
    text.append(json ? ",\"" : " ").append(field.key).append(json ? "\":" : "=").append(value);
  }
  text += json ? "}\n" : "\n";
  return text;
}

}  // namespace stdiogate
