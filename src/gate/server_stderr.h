#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/reactor.h"

#include "src/gate/options.h"
#include "src/gate/secrets.h"
#include "src/io/outlet.h"
#include "src/io/stream.h"
#include "src/report/log.h"

namespace stdiogate {

/// What the server says beside the protocol: its stderr, and noise on its stdout. Passed on, logged
/// or thrown away; its end is kept for error messages. While it is passed on and our own stderr has
/// no room it is not read: the server waits, as it would for a pipe.
class ServerStderr {
 public:
  /// Shown all that the server writes to its stderr.
  using Tap = std::function<void(std::string_view bytes)>;

  /// `pass_to` and `log` must outlive it.
  ServerStderr(Reactor& reactor, StderrMode mode, Outlet& pass_to, Log& log, Tap tap = {});

  ~ServerStderr();
  ServerStderr(const ServerStderr&) = delete;
  ServerStderr& operator=(const ServerStderr&) = delete;

  /// Reads from here, once.
  void connect(Stream stream);

  /// Reads on, or waits, as there is room. To be called at the end of each turn.
  void end_of_turn();

  /// Reads what is there already.
  void drain();

  /// A line that is no message, as if the server had written it here. If it is too long it is not
  /// cut in the middle of a secret.
  void note(std::string_view line, const Secrets& secrets);

  /// The last it has said, kStderrKept at least if it was that much.
  [[nodiscard]] std::string_view tail() const { return tail_; }

 private:
  bool read();
  void take(std::string_view bytes);
  void take_for_log(std::string_view bytes);
  void end_line();
  void log_line();

  Reactor& reactor_;
  StderrMode mode_;
  Outlet& pass_to_;
  Log& log_;
  Tap tap_;
  Stream stream_;
  std::optional<Reactor::Watch> watch_;
  std::string buffer_;
  std::string tail_;
  std::string line_;     // begun, of mode log; at most kMaxLoggedLine
  std::size_t cut_ = 0;  // bytes more that it has
};

}  // namespace stdiogate
