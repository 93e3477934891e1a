#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "src/process/watcher.h"

namespace stdiogate {

namespace {

// Not the gate's: `killall stdiogate` must not take both at once.
constexpr char kProcessName[] = "gate-watcher";
constexpr std::size_t kPassed = 4;  // descriptors: control, in, out, err
constexpr int kGoneWaitMs = 200;

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

struct DescriptorMessage {
  DescriptorMessage() {
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  DescriptorMessage(const DescriptorMessage&) = delete;
  DescriptorMessage& operator=(const DescriptorMessage&) = delete;

  char byte = 0;
  iovec piece{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kPassed)] = {};
  msghdr header{};
};

bool send_descriptors(int socket, const std::array<int, kPassed>& fds) {
  DescriptorMessage message;
  cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fds);
  std::memcpy(CMSG_DATA(rights), fds.data(), sizeof fds);
  return sys::sendmsg(socket, &message.header, MSG_NOSIGNAL) == 1;
}

/// False: nobody will ask any more.
bool receive_descriptors(int socket, WatcherEnds& ends) {
  DescriptorMessage message;
  if (sys::recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC) <= 0) return false;
  const cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  std::array<int, kPassed> fds{};
  if (!rights || rights->cmsg_len != CMSG_LEN(sizeof fds)) return false;
  std::memcpy(fds.data(), CMSG_DATA(rights), sizeof fds);
  ends = {.control = Fd(fds[0]), .in = Fd(fds[1]), .out = Fd(fds[2]), .err = Fd(fds[3])};
  return true;
}

void forget_name(int argc, char** argv) {
  ::prctl(PR_SET_NAME, kProcessName);
  // The words of argv stand one behind the other.
  const std::size_t size =
      static_cast<std::size_t>(argv[argc - 1] + std::strlen(argv[argc - 1]) - argv[0]);
  std::memset(argv[0], 0, size);
  std::memcpy(argv[0], kProcessName, std::min(size, sizeof kProcessName - 1));
}

/// Only the socket is kept, as descriptor 3: no pipe of the client's may be held open here.
int keep_only(int socket) {
  constexpr int kSocket = 3;
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < kSocket; ++fd)
    ::dup2(null, fd);
  if (socket != kSocket) ::dup2(socket, kSocket);
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  if (::syscall(SYS_close_range, kSocket + 1, ~0U, 0) != 0) {
    const long most = ::sysconf(_SC_OPEN_MAX);
    for (int fd = kSocket + 1; fd < most; ++fd)
      ::close(fd);
  }
  return kSocket;
}

/// Those that are ignored instead are not waited for, and what they have cost is told to nobody.
void wait_for_children(int how) {
  while (::waitpid(-1, nullptr, how) > 0) {
  }
}

[[noreturn]] void run_launcher(int socket, const ServerCommand& command, int argc, char** argv) {
  ::setsid();
  forget_name(argc, argv);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
    ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  const Fd gate(keep_only(socket));
  for (WatcherEnds ends; receive_descriptors(gate.get(), ends); ends = {}) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      sys::close(gate.get());
      run_watcher(command, std::move(ends));
    }
    wait_for_children(WNOHANG);
    if (pid > 0) continue;
    const WatcherReport report{.kind = WatcherReport::Kind::not_started, .value = errno};
    (void)::send(ends.control.get(), &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  wait_for_children(0);
  ::_exit(0);
}

struct PipeEnds {
  Fd reader;
  Fd writer;
};

PipeEnds make_pipe() {
  int fds[2];
  if (sys::pipe2(fds, O_CLOEXEC) != 0) fail("pipe2");
  return {.reader = Fd(fds[0]), .writer = Fd(fds[1])};
}

std::array<Fd, 2> make_socketpair() {
  int fds[2];
  if (sys::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) fail("socketpair");
  return {Fd(fds[0]), Fd(fds[1])};
}

}  // namespace

Launcher::Launcher(const ServerCommand& command, int argc, char** argv) {
  auto [ours, theirs] = make_socketpair();
  pid_ = sys::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) run_launcher(theirs.get(), command, argc, argv);
  socket_ = std::move(ours);
}

Launcher::~Launcher() {
  // Its end of the socket is closed when it is gone; its watchers have no part in it.
  (void)::shutdown(socket_.get(), SHUT_WR);
  pollfd end{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&end, 1, kGoneWaitMs) > 0) (void)::waitpid(pid_, nullptr, 0);
}

Launcher::Server Launcher::start() {
  auto [control, their_control] = make_socketpair();
  PipeEnds in = make_pipe();
  PipeEnds out = make_pipe();
  PipeEnds err = make_pipe();
  const std::array<int, kPassed> theirs = {their_control.get(), in.reader.get(), out.writer.get(),
                                           err.writer.get()};
  if (!send_descriptors(socket_.get(), theirs)) fail("sendmsg");
  return {.control = std::move(control),
          .in = std::move(in.writer),
          .out = std::move(out.reader),
          .err = std::move(err.reader)};
}

}  // namespace stdiogate
