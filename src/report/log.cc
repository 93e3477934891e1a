#include "src/report/log.h"

#include <system_error>

#include "src/io/outlet.h"
#include "src/json/quoting.h"
#include "src/report/time_text.h"
#include "src/text.h"

namespace stdiogate {

namespace {

std::string time_text() {
  return std::string(TimeText().of({}).substr(0, 23)) + "Z";  // to the millisecond
}

/// Whether a text can stand in a text line without quotes.
bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c > '~') return false;
  }
  return true;
}

bool is_left_out(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return text->empty();
  if (const auto* json = std::get_if<JsonText>(&field.value)) return json->text.empty();
  return false;
}

void append_value(std::string& line, const LogField& field, bool quote_always) {
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
    line += std::to_string(*number);
  } else if (const auto* json = std::get_if<JsonText>(&field.value)) {
    if (is_printable(json->text)) {
      line += json->text;
    } else {
      append_quoted(line, json->text);
    }
  } else {
    const auto text = std::get<std::string_view>(field.value);
    if (quote_always || !is_plain(text)) {
      append_quoted(line, text);
    } else {
      line += text;
    }
  }
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
  if (error != 0)
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
  text.append(time_text()).append(json ? "\",\"level\":\"" : " ");
  text.append(level_name).append(json ? "\",\"event\":\"" : " ").append(event);
  if (json) text += '"';
  for (const LogField& field : fields) {
    if (is_left_out(field)) continue;
    text.append(json ? ",\"" : " ").append(field.key).append(json ? "\":" : "=");
    append_value(text, field, json);
  }
  text += json ? "}\n" : "\n";
  return text;
}

}  // namespace stdiogate
