#pragma once

#include <string>
#include <string_view>

#include "stdiogate/gate_error.h"

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
  [[nodiscard]] GateError error(bool handed_over) const;

  /// "it has exited with status 1"
  [[nodiscard]] std::string how_it_ended() const;

  /// The last line of its words, without its newline.
  [[nodiscard]] std::string_view last_line() const;
};

}  // namespace stdiogate
