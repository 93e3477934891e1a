#include "src/io/stream.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace stdiogate {

namespace {

// What a pipe takes without waiting when it polls writable (PIPE_BUF).
constexpr std::size_t kSafeWrite = 4096;

// Opening this one again would make another terminal.
const dev_t kPtyMaster = makedev(5, 2);

IoResult failure(bool writing) {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
  // EIO is what a terminal says that has been hung up.
  const bool gone = errno == ECONNRESET || errno == EIO || (writing && errno == EPIPE);
  if (gone) return {.kind = IoResult::Kind::end};
  return {.kind = IoResult::Kind::failed, .error = errno};
}

}  // namespace

Stream Stream::own(Fd fd) {
  Stream stream;
  stream.fd_ = fd.get();
  stream.owned_ = std::move(fd);
  ::fcntl(stream.fd_, F_SETFL, ::fcntl(stream.fd_, F_GETFL) | O_NONBLOCK);
  return stream;
}

Stream Stream::inherited(int fd, bool for_writing) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return {};
  Stream stream;
  stream.fd_ = fd;
  if (S_ISSOCK(status.st_mode)) {
    stream.way_ = Way::socket;  // cannot be opened again
    int type = SOCK_STREAM;
    socklen_t size = sizeof type;
    (void)::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    stream.has_packets_ = type != SOCK_STREAM;
  } else if (S_ISFIFO(status.st_mode)) {
    stream.way_ = Way::no_wait;
  } else if (S_ISCHR(status.st_mode)) {
    stream.way_ = Way::blocking;
    if (status.st_rdev != kPtyMaster) stream.owned_ = reopened(fd, for_writing);
    if (stream.owned_) {
      stream.fd_ = stream.owned_.get();
      stream.way_ = Way::plain;
    }
  }
  return stream;
}

/// The same thing opened once more, so that O_NONBLOCK is ours alone.
Fd Stream::reopened(int fd, bool for_writing) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int way = for_writing ? O_WRONLY : O_RDONLY;
  return Fd(::open(path.c_str(), way | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

/// After a call that failed: the kernel may be too old for RWF_NOWAIT on pipes (before Linux 6.4).
bool Stream::find_other_way(bool for_writing) {
  if (way_ != Way::no_wait || (errno != EOPNOTSUPP && errno != ENOSYS)) return false;
  way_ = Way::blocking;
  // Not for reading: a reader that opens a named pipe after its last writer has left never gets the
  // hangup.
  if (for_writing) owned_ = reopened(fd_, true);
  if (owned_) way_ = Way::plain;
  return true;
}

bool Stream::is_same_as(const Stream& other) const {
  struct stat theirs {};
  return ::fstat(other.fd_, &theirs) == 0 && leads_to(fd_, theirs);
}

IoResult Stream::read(std::span<char> into) {
  if (fd_ < 0) return {};
  ssize_t n = read_some(into);
  if (n < 0 && find_other_way(false)) n = read_some(into);
  if (n < 0) return failure(false);
  if (n == 0) return {.kind = IoResult::Kind::end};
  return {.kind = IoResult::Kind::done, .bytes = static_cast<std::size_t>(n)};
}

std::size_t Stream::bytes_to_read() const {
  int bytes = 0;
  return fd_ >= 0 && ::ioctl(fd_, FIONREAD, &bytes) == 0 && bytes > 0
             ? static_cast<std::size_t>(bytes)
             : 0;
}

IoResult Stream::write(std::string_view bytes) {
  if (fd_ < 0) return {};
  ssize_t n = write_some(bytes);
  if (n < 0 && find_other_way(true)) n = write_some(bytes);
  if (n < 0) return failure(true);
  return {.kind = n > 0 ? IoResult::Kind::done : IoResult::Kind::would_block,
          .bytes = static_cast<std::size_t>(n)};
}

ssize_t Stream::read_some(std::span<char> into) {
  const iovec piece{.iov_base = into.data(), .iov_len = into.size()};
  switch (way_) {
    case Way::plain:
    case Way::blocking: return ::read(io_fd(), into.data(), into.size());
    case Way::no_wait: return ::preadv2(io_fd(), &piece, 1, -1, RWF_NOWAIT);
    case Way::socket: return ::recv(io_fd(), into.data(), into.size(), MSG_DONTWAIT);
  }
  return 0;
}

ssize_t Stream::write_some(std::string_view bytes) {
  const iovec piece{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  switch (way_) {
    case Way::plain: return ::write(io_fd(), bytes.data(), bytes.size());
    case Way::no_wait: return ::pwritev2(io_fd(), &piece, 1, -1, RWF_NOWAIT);
    case Way::blocking: return ::write(io_fd(), bytes.data(), std::min(bytes.size(), kSafeWrite));
    case Way::socket:
      return ::send(io_fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  return 0;
}

}  // namespace stdiogate
