#include "src/gate/server_account.h"

#include "src/text.h"

namespace stdiogate {

GateError ServerAccount::error(bool handed_over) const {
  GateError error =
      lives ? server_reads_no_more_error(words) : server_exited_error(end, words, handed_over);
  error.message += hint;
  return error;
}

std::string ServerAccount::how_it_ended() const {
  if (lives) return "it has closed its stdin";
  return (end.signal != 0 ? "it was killed by signal " + signal_name(end.signal) +
                                (end.out_of_memory ? " (out of memory)" : "")
                          : "it has exited with status " + std::to_string(end.status)) +
         hint;
}

std::string_view ServerAccount::last_line() const {
  std::string_view lines = words;
  lines = lines.substr(0, lines.find_last_not_of('\n') + 1);
  return lines.substr(lines.rfind('\n') + 1);
}

}  // namespace stdiogate
