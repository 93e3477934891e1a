#pragma once

#include <ostream>

#include "stdiogate/message.h"

namespace stdiogate {

/// For the messages of failed checks.
inline std::ostream& operator<<(std::ostream& out, MessageKind kind) {
  switch (kind) {
    case MessageKind::request: return out << "request";
    case MessageKind::notification: return out << "notification";
    case MessageKind::response: return out << "response";
    case MessageKind::batch: return out << "batch";
    case MessageKind::invalid: return out << "invalid";
  }
  return out;
}

}  // namespace stdiogate
