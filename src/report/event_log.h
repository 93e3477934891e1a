#pragma once

#include "stdiogate/observer.h"

#include "src/report/log.h"

namespace stdiogate {

/// Writes the log line for an event of the router's. Bodies of messages are never logged.
/// `hides_noise`: of the server's noise only its size is logged.
void log_event(Log& log, const Event& event, bool hides_noise);

}  // namespace stdiogate
