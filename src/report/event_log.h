#pragma once

#include "stdiogate/observer.h"

#include "src/report/log.h"

namespace stdiogate {

/// Writes a log line for each event of the router's. Bodies of messages are never logged.
class EventLog final : public Observer {
 public:
  /// `log` must outlive it. `hides_noise`: of the server's noise only its size is logged.
  explicit EventLog(Log& log, bool hides_noise = false) : log_(log), hides_noise_(hides_noise) {}

  void on_event(const Event& event) override;

 private:
  void write(LogLevel level, std::string_view name, std::string_view advice, const Event& event);

  Log& log_;
  bool hides_noise_;
};

}  // namespace stdiogate
