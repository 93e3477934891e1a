#include "src/report/outcome.h"

#include "stdiogate/gate_error.h"

#include "src/json/scan.h"
#include "src/limits.h"

namespace stdiogate {

namespace {

/// The code of the server's error; empty if it is no whole number, or too long a one.
std::string code_of(const Details& details) {
  const std::string_view code = details.error_code;
  return code.size() <= kMaxErrorCode && json::is_whole(code) ? std::string(code) : "";
}

}  // namespace

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::answered: return "answered";
    case Ending::timed_out: return "timeout";
    case Ending::refused: return "refused";
    case Ending::cancelled: return "cancelled";
    case Ending::server_gone: return "server-gone";
    case Ending::shutting_down: return "shutting-down";
  }
  return "";
}

std::string status_code(const Event& event) {
  const Details& details = *event.details;
  if (details.error) return std::to_string(details.error->code);
  return code_of(details);
}

std::string error_type(const Event& event) {
  const Details& details = *event.details;
  if (details.error) return std::string(info_of(details.error->reason).name);
  if (event.ending == Ending::cancelled) return "cancelled";
  if (!event.is_error) return details.is_tool_error ? "tool_error" : "";
  const std::string code = code_of(details);
  return code.empty() ? "_OTHER" : code;
}

std::string shown(std::string_view name) {
  constexpr std::string_view kEllipsis = "\u2026";
  if (name.size() <= kMaxNameShown) return std::string(name);
  std::size_t length = kMaxNameShown - kEllipsis.size();
  while (length > 0 && (static_cast<unsigned char>(name[length]) & 0xc0) == 0x80)
    --length;
  return std::string(name.substr(0, length)).append(kEllipsis);
}

}  // namespace stdiogate
