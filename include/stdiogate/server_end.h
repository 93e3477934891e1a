#pragma once

namespace stdiogate {

/// How a server's process ended.
struct ServerEnd {
  int status = 0;              // of an exit
  int signal = 0;              // that killed it; 0: it exited
  bool out_of_memory = false;  // the kernel has killed it for want of memory
};

}  // namespace stdiogate
