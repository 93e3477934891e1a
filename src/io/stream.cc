#include "src/io/stream.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

namespace stdiogate {

namespace {

// What a pipe takes without waiting when it polls writable (PIPE_BUF).
constexpr std::size_t kSafeWrite = 4096;

// Opening this one again would make another terminal.
const dev_t kPtyMaster = makedev(5, 2);

IoResult failure(bool writing) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {.kind = IoResult::Kind::would_block};
  // EIO is what a terminal says that has been hung up.
  const bool gone = errno == ECONNRESET || errno == EIO || (writing && errno == EPIPE);
  return {.kind = gone ? IoResult::Kind::end : IoResult::Kind::failed, .error = errno};
}

}  // namespace

Stream Stream::own(Fd fd) {
  Stream stream;
  stream.fd_ = stream.io_fd_ = fd.get();
  stream.owned_ = std::move(fd);
  (void)sys::set_nonblocking(stream.fd_);  // cannot fail on a descriptor that is open
  return stream;
}

Stream Stream::inherited(int fd, bool for_writing) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return {};
  Stream stream;
  stream.fd_ = stream.io_fd_ = fd;
  if (S_ISSOCK(status.st_mode)) {
    stream.way_ = Way::socket;  // cannot be opened again
  } else if (S_ISFIFO(status.st_mode)) {
    stream.way_ = Way::no_wait;
  } else if (S_ISCHR(status.st_mode)) {
    stream.way_ = Way::blocking;
    if (status.st_rdev != kPtyMaster) stream.owned_ = reopened(fd, for_writing);
    if (stream.owned_) {
      stream.fd_ = stream.io_fd_ = stream.owned_.get();
      stream.way_ = Way::plain;
    }
  }
  return stream;
}

/// The same thing opened once more, so that O_NONBLOCK is ours alone.
Fd Stream::reopened(int fd, bool for_writing) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int way = for_writing ? O_WRONLY : O_RDONLY;
  return Fd(sys::open(path.c_str(), way | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

/// After a call that failed: the kernel may be too old for RWF_NOWAIT on pipes (before Linux 6.4).
bool Stream::find_other_way(bool for_writing) {
  if (way_ != Way::no_wait || (errno != EOPNOTSUPP && errno != ENOSYS)) return false;
  way_ = Way::blocking;
  // Not for reading: one who opens a named pipe when its last writer has gone is never told of
  // that.
  if (for_writing) owned_ = reopened(fd_, true);
  if (owned_) {
    io_fd_ = owned_.get();
    way_ = Way::plain;
  }
  return true;
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

IoResult Stream::write(std::span<const std::string_view> pieces) {
  if (fd_ < 0) return {};
  std::array<iovec, kMaxPieces> vector;
  const std::size_t count = std::min(pieces.size(), kMaxPieces);
  for (std::size_t i = 0; i < count; ++i) {
    vector[i].iov_base = const_cast<char*>(pieces[i].data());
    vector[i].iov_len = pieces[i].size();
  }
  ssize_t n = write_some({vector.data(), count});
  if (n < 0 && find_other_way(true)) n = write_some({vector.data(), count});
  if (n < 0) return failure(true);
  return {.kind = n > 0 ? IoResult::Kind::done : IoResult::Kind::would_block,
          .bytes = static_cast<std::size_t>(n)};
}

ssize_t Stream::read_some(std::span<char> into) {
  iovec piece{.iov_base = into.data(), .iov_len = into.size()};
  switch (way_) {
    case Way::plain:
    case Way::blocking: return sys::read(io_fd_, into.data(), into.size());
    case Way::no_wait: return sys::preadv2(io_fd_, &piece, 1, -1, RWF_NOWAIT);
    case Way::socket: {
      msghdr message{};
      message.msg_iov = &piece;
      message.msg_iovlen = 1;
      return sys::recvmsg(io_fd_, &message, MSG_DONTWAIT);
    }
  }
  return 0;
}

ssize_t Stream::write_some(std::span<iovec> pieces) {
  const int count = static_cast<int>(pieces.size());
  switch (way_) {
    case Way::plain:
      // As most go: the kernel has no list to copy.
      if (count == 1) return sys::write(io_fd_, pieces[0].iov_base, pieces[0].iov_len);
      return sys::writev(io_fd_, pieces.data(), count);
    case Way::no_wait: return sys::pwritev2(io_fd_, pieces.data(), count, -1, RWF_NOWAIT);
    case Way::blocking:
      return sys::write(io_fd_, pieces[0].iov_base, std::min(pieces[0].iov_len, kSafeWrite));
    case Way::socket: {
      msghdr message{};
      message.msg_iov = pieces.data();
      message.msg_iovlen = pieces.size();
      return sys::sendmsg(io_fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  }
  return 0;
}

}  // namespace stdiogate
