#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "src/io/fd.h"

namespace stdiogate {

/// A real pipe for a test, both ends ours. As small as the kernel makes one, so that short writes
/// and full pipes are easy to have.
struct Pipe {
  Pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    reader.reset(fds[0]);
    writer.reset(fds[1]);
    capacity = static_cast<std::size_t>(fcntl(writer.get(), F_SETPIPE_SZ, 4096));
  }

  void put(std::string_view bytes) const {
    if (::write(writer.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("short write into a test's pipe");
  }

  /// One read of what is there; waits if nothing is. Empty at end of file.
  [[nodiscard]] std::string take(std::size_t most = 65536) const {
    std::string bytes(most, '\0');
    const ssize_t n = ::read(reader.get(), bytes.data(), bytes.size());
    if (n < 0) throw std::runtime_error("read from a test's pipe");
    bytes.resize(static_cast<std::size_t>(n));
    return bytes;
  }

  /// Writes until not one byte more fits. Returns how many went in.
  [[nodiscard]] std::size_t fill() const {
    if (::fcntl(writer.get(), F_SETFL, O_WRONLY | O_NONBLOCK) != 0)
      throw std::runtime_error("fcntl");
    std::size_t total = 0;
    while (::write(writer.get(), "x", 1) == 1)
      ++total;
    return total;
  }

  Fd reader;
  Fd writer;
  std::size_t capacity = 0;
};

}  // namespace stdiogate
