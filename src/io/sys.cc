#include "src/io/sys.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace stdiogate::sys {

namespace {

template <class Call>
auto retried(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace

ssize_t read(int fd, void* to, size_t n) {
  return retried([&] { return ::read(fd, to, n); });
}

ssize_t write(int fd, const void* from, size_t n) {
  return retried([&] { return ::write(fd, from, n); });
}

ssize_t writev(int fd, const iovec* pieces, int count) {
  return retried([&] { return ::writev(fd, pieces, count); });
}

ssize_t preadv2(int fd, const iovec* pieces, int count, off_t at, int flags) {
  return retried([&] { return ::preadv2(fd, pieces, count, at, flags); });
}

ssize_t pwritev2(int fd, const iovec* pieces, int count, off_t at, int flags) {
  return retried([&] { return ::pwritev2(fd, pieces, count, at, flags); });
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  return retried([&] { return ::recvmsg(fd, message, flags); });
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return retried([&] { return ::sendmsg(fd, message, flags); });
}

int epoll_create1(int flags) {
  return ::epoll_create1(flags);
}

int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  return ::epoll_ctl(epoll, operation, fd, event);
}

int epoll_wait(int epoll, epoll_event* events, int count, int milliseconds) {
  return ::epoll_wait(epoll, events, count, milliseconds);
}

int open(const char* path, int flags, mode_t mode) {
  return retried([&] { return ::open(path, flags, mode); });
}

int pipe2(int fds[2], int flags) {
  return ::pipe2(fds, flags);
}

int socketpair(int domain, int type, int protocol, int fds[2]) {
  return ::socketpair(domain, type, protocol, fds);
}

int set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

pid_t fork() {
  return ::fork();
}

int pidfd_open(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

void close(int fd) {
  ::close(fd);
}

}  // namespace stdiogate::sys
