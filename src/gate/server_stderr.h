#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/line_reader.h"
#include "stdiogate/reactor.h"

#include "src/gate/options.h"
#include "src/io/outlet.h"
#include "src/io/stream.h"
#include "src/report/log.h"

namespace stdiogate {

/// What the server says beside the protocol: its stderr, and noise on its stdout. Always read, so
/// that no server ever waits for it; passed on, logged or thrown away; its end is kept for error
/// messages.
class ServerStderr {
 public:
  /// `pass_to` and `log` must outlive it.
  ServerStderr(Reactor& reactor, StderrMode mode, Outlet& pass_to, Log& log);

  /// Reads from here from now on. What an earlier server has said is forgotten.
  void connect(Stream stream);

  /// Reads what is there already.
  void drain();

  /// A line that is no message, as if the server had written it here.
  void note(std::string_view line);

  /// The last it has said, kStderrRoom at least if it was that much.
  [[nodiscard]] std::string_view tail() const { return tail_; }

 private:
  bool read();
  void take(std::string_view bytes);
  void log_lines();

  Reactor& reactor_;
  StderrMode mode_;
  Outlet& pass_to_;
  Log& log_;
  Stream stream_;
  std::optional<Reactor::Watch> watch_;
  LineReader lines_;  // of mode log
  std::string buffer_;
  std::string tail_;
};

}  // namespace stdiogate
