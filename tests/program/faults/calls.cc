#include <errno.h>
#include <poll.h>
#include <simdjson.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

// System calls and memory that fail on command, for the program as it is built: the linker puts
// these in the place of the C library's (--wrap). $STDIOGATE_FAULTS says what is to happen:
//
//     record       report each call and count allocations, on stderr
//     call N E     call number N fails, with errno E
//     allocate N   allocation number N fails
//     short        every read and write takes one byte
//
// Only the gate itself is meant, not the processes it forks, and only after the start of main.

// The names are the linker's.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
int __real_main(int argc, char** argv);
void* __real_malloc(size_t size);
void* __real_realloc(void* memory, size_t size);
ssize_t __real_read(int fd, void* to, size_t n);
ssize_t __real_write(int fd, const void* from, size_t n);
ssize_t __real_preadv2(int fd, const iovec* pieces, int count, off_t at, int flags);
ssize_t __real_pwritev2(int fd, const iovec* pieces, int count, off_t at, int flags);
ssize_t __real_recv(int fd, void* to, size_t n, int flags);
ssize_t __real_send(int fd, const void* from, size_t n, int flags);
int __real_epoll_create1(int flags);
int __real_epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
int __real_epoll_wait(int epoll, epoll_event* events, int count, int milliseconds);
int __real_open(const char* path, int flags, mode_t mode);
int __real_pipe2(int* fds, int flags);
int __real_socketpair(int domain, int type, int protocol, int* fds);
pid_t __real_fork();
int __real_signalfd(int fd, const sigset_t* set, int flags);
int __real_poll(pollfd* fds, nfds_t count, int milliseconds);
}

namespace {

enum class Mode : unsigned char { none, record, call, allocate, one_byte };

Mode mode = Mode::none;
pid_t gate = 0;
unsigned long failing = 0;  // number of the call or the allocation
int with = 0;               // errno
unsigned long calls = 0;
unsigned long allocations = 0;

template <class... Args>
void report(const char* format, Args... args) {
  char text[128];
  const int length = std::snprintf(text, sizeof text, format, args...);
  (void)!__real_write(STDERR_FILENO, text, static_cast<size_t>(length));
}

void configure() {
  const char* text = std::getenv("STDIOGATE_FAULTS");
  if (!text) return;
  // It chooses its implementation when it is first used, and takes memory for that where no
  // exception may pass.
  (void)simdjson::get_active_implementation()->name();
  gate = ::getpid();
  if (std::strcmp(text, "record") == 0) mode = Mode::record;
  if (std::strcmp(text, "short") == 0) mode = Mode::one_byte;
  if (std::sscanf(text, "call %lu %d", &failing, &with) == 2) mode = Mode::call;
  if (std::sscanf(text, "allocate %lu", &failing) == 1) mode = Mode::allocate;
  ::unsetenv("STDIOGATE_FAULTS");  // the server is not to see it
}

/// Whether this call is the one that fails; sets errno then.
bool fails(const char* name, int fd = -1) {
  if ((mode != Mode::record && mode != Mode::call) || ::getpid() != gate) return false;
  ++calls;
  if (mode == Mode::record) report("faults: call %lu %s\n", calls, name);
  if (mode == Mode::record || calls != failing) return false;
  report("faults: failed %s %d\n", name, fd);
  errno = with;
  return true;
}

bool allocation_fails() {
  if ((mode != Mode::record && mode != Mode::allocate) || ::getpid() != gate) return false;
  ++allocations;
  if (mode == Mode::record || allocations != failing) return false;
  report("faults: failed allocation %d\n", -1);
  errno = ENOMEM;
  return true;
}

/// Bytes have no boundaries there, so that one is as good as many.
bool is_stream(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return false;
  int type = 0;
  socklen_t length = sizeof type;
  if (S_ISSOCK(info.st_mode))
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
  return S_ISFIFO(info.st_mode) || S_ISREG(info.st_mode) || S_ISCHR(info.st_mode);
}

bool is_short(int fd) {
  return mode == Mode::one_byte && is_stream(fd);
}

size_t room(int fd, size_t n) {
  return is_short(fd) ? std::min<size_t>(n, 1) : n;
}

/// The first byte of the pieces, where that is all that is taken.
struct Pieces {
  Pieces(int fd, const iovec* given, int n) : pieces(given), count(n) {
    if (n == 0 || !is_short(fd)) return;
    first = {.iov_base = given->iov_base, .iov_len = std::min<size_t>(given->iov_len, 1)};
    pieces = &first;
    count = 1;
  }
  iovec first{};
  const iovec* pieces;
  int count;
};

}  // namespace

void* operator new(size_t size) {
  void* memory = allocation_fails() ? nullptr : __real_malloc(size > 0 ? size : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

extern "C" {

int __wrap_main(int argc, char** argv) {
  configure();
  const int status = __real_main(argc, argv);
  if (mode == Mode::record) report("faults: allocations %lu\n", allocations);
  return status;
}

void* __wrap_malloc(size_t size) {
  return allocation_fails() ? nullptr : __real_malloc(size);
}

void* __wrap_realloc(void* memory, size_t size) {
  return allocation_fails() ? nullptr : __real_realloc(memory, size);
}

ssize_t __wrap_read(int fd, void* to, size_t n) {
  return fails("read", fd) ? -1 : __real_read(fd, to, room(fd, n));
}

ssize_t __wrap_write(int fd, const void* from, size_t n) {
  return fails("write", fd) ? -1 : __real_write(fd, from, room(fd, n));
}

ssize_t __wrap_preadv2(int fd, const iovec* given, int count, off_t at, int flags) {
  const Pieces pieces(fd, given, count);
  return fails("preadv2", fd) ? -1 : __real_preadv2(fd, pieces.pieces, pieces.count, at, flags);
}

ssize_t __wrap_pwritev2(int fd, const iovec* given, int count, off_t at, int flags) {
  const Pieces pieces(fd, given, count);
  return fails("pwritev2", fd) ? -1 : __real_pwritev2(fd, pieces.pieces, pieces.count, at, flags);
}

ssize_t __wrap_recv(int fd, void* to, size_t n, int flags) {
  return fails("recv", fd) ? -1 : __real_recv(fd, to, room(fd, n), flags);
}

ssize_t __wrap_send(int fd, const void* from, size_t n, int flags) {
  return fails("send", fd) ? -1 : __real_send(fd, from, room(fd, n), flags);
}

int __wrap_epoll_create1(int flags) {
  return fails("epoll_create1") ? -1 : __real_epoll_create1(flags);
}

int __wrap_epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  // What is there can always be taken out.
  const bool may_fail = operation != EPOLL_CTL_DEL;
  return may_fail && fails("epoll_ctl") ? -1 : __real_epoll_ctl(epoll, operation, fd, event);
}

int __wrap_epoll_wait(int epoll, epoll_event* events, int count, int milliseconds) {
  return fails("epoll_wait") ? -1 : __real_epoll_wait(epoll, events, count, milliseconds);
}

int __wrap_open(const char* path, int flags, mode_t mode_of_file) {
  return fails("open") ? -1 : __real_open(path, flags, mode_of_file);
}

int __wrap_pipe2(int* fds, int flags) {
  return fails("pipe2") ? -1 : __real_pipe2(fds, flags);
}

int __wrap_socketpair(int domain, int type, int protocol, int* fds) {
  return fails("socketpair") ? -1 : __real_socketpair(domain, type, protocol, fds);
}

pid_t __wrap_fork() {
  return fails("fork") ? -1 : __real_fork();
}

int __wrap_signalfd(int fd, const sigset_t* set, int flags) {
  return fails("signalfd") ? -1 : __real_signalfd(fd, set, flags);
}

int __wrap_poll(pollfd* fds, nfds_t count, int milliseconds) {
  return fails("poll") ? -1 : __real_poll(fds, count, milliseconds);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
