#pragma once

namespace stdiogate {

/// How a server's process ended.
struct ServerEnd {
  int status = 0;  // of an exit
  int signal = 0;  // that killed it; 0: it exited
};

}  // namespace stdiogate
