#pragma once

#include "stdiogate/observer.h"

#include "src/report/log.h"

namespace stdiogate {

/// Writes a log line for each event of the router's. Bodies of messages are never logged.
class EventLog final : public Observer {
 public:
  /// `log` must outlive it.
  explicit EventLog(Log& log) : log_(log) {}

  void on_event(const Event& event) override;

 private:
  void write(LogLevel level, const Event& event);

  Log& log_;
};

}  // namespace stdiogate
