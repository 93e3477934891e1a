#pragma once

#include <string>
#include <string_view>

#include "stdiogate/gate_error.h"

#include "src/text.h"

namespace stdiogate {

/// What is known of a server that has ended, or takes no more requests.
struct ServerAccount {
  ServerEnd end;
  bool lives = false;          // it has not ended, but has closed its stdin
  bool was_signalled = false;  // by the gate
  bool ended_by_itself = false;
  std::string words;  // its last on stderr; empty if the user discards them
  std::string hint;   // what its end may mean: goes behind the error's message

  [[nodiscard]] bool is_goodbye() const { return end.status == 0 && end.signal == 0; }

  /// The error for requests that it had (`handed_over`) or would have got.
  [[nodiscard]] GateError error(bool handed_over) const {
    GateError error =
        lives ? server_reads_no_more_error(words) : server_exited_error(end, words, handed_over);
    error.message += hint;
    return error;
  }

  /// "it has exited with status 1"
  [[nodiscard]] std::string how_it_ended() const {
    if (lives) return "it has closed its stdin";
    return (end.signal != 0 ? "it was killed by signal " + signal_name(end.signal) +
                                  (end.out_of_memory ? " (out of memory)" : "")
                            : "it has exited with status " + std::to_string(end.status)) +
           hint;
  }

  /// The last line of its words, without its newline.
  [[nodiscard]] std::string_view last_line() const {
    std::string_view lines = words;
    lines = lines.substr(0, lines.find_last_not_of('\n') + 1);
    return lines.substr(lines.rfind('\n') + 1);
  }
};

}  // namespace stdiogate
