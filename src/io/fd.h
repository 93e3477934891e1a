#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace stdiogate {

/// Owns one file descriptor and closes it. -1 means none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// Gives the descriptor away; the caller closes it.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);  // gone, whatever it returns
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

/// Whether this descriptor of ours leads to the file.
inline bool leads_to(int descriptor, const struct stat& file) {
  struct stat its {};
  return ::fstat(descriptor, &its) == 0 && its.st_dev == file.st_dev && its.st_ino == file.st_ino;
}

/// Whether a file that is to be written is where the client's messages go: /dev/stdout, for
/// example.
inline bool is_stdout(const struct stat& file) {
  return !S_ISCHR(file.st_mode) && leads_to(STDOUT_FILENO, file);
}

}  // namespace stdiogate
