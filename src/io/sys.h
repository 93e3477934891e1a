#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/// The system calls of the program, each under its own name, errno and all. There is one place for
/// them so that a test can link a twin that fails on command. The rule: an EINTR that only means
/// "again" is retried here; every other result is the caller's.
namespace stdiogate::sys {

[[nodiscard]] ssize_t read(int fd, void* to, size_t n);
[[nodiscard]] ssize_t write(int fd, const void* from, size_t n);
[[nodiscard]] ssize_t writev(int fd, const iovec* pieces, int count);
[[nodiscard]] ssize_t preadv2(int fd, const iovec* pieces, int count, off_t at, int flags);
[[nodiscard]] ssize_t pwritev2(int fd, const iovec* pieces, int count, off_t at, int flags);
[[nodiscard]] ssize_t recvmsg(int fd, msghdr* message, int flags);
[[nodiscard]] ssize_t sendmsg(int fd, const msghdr* message, int flags);

[[nodiscard]] int epoll_create1(int flags);
[[nodiscard]] int epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
[[nodiscard]] int epoll_wait(int epoll, epoll_event* events, int count, int milliseconds);

[[nodiscard]] int open(const char* path, int flags, mode_t mode = 0);
[[nodiscard]] int pipe2(int fds[2], int flags);
[[nodiscard]] int socketpair(int domain, int type, int protocol, int fds[2]);
[[nodiscard]] int set_nonblocking(int fd);
[[nodiscard]] pid_t fork();
[[nodiscard]] int pidfd_open(pid_t pid);  // close-on-exec

/// Never fails in a way one could act on: the descriptor is gone whatever it returns.
void close(int fd);

}  // namespace stdiogate::sys
