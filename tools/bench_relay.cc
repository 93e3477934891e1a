// The yardstick of `make bench`: one thread that carries bytes both ways and looks at none of them.
//
//     bench_relay COMMAND [ARGUMENT ...]

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

namespace {

/// Bytes that go one way: one read, one write, and no further read until all is written.
class Way {
 public:
  Way(int from, int to) : from_(from), to_(to), buffer_(64 * 1024) {}

  /// What to wait for.
  [[nodiscard]] pollfd wanted() const {
    if (ended_) return {.fd = -1, .events = 0, .revents = 0};
    return begin_ < end_ ? pollfd{.fd = to_, .events = POLLOUT, .revents = 0}
                         : pollfd{.fd = from_, .events = POLLIN, .revents = 0};
  }
  [[nodiscard]] bool ended() const { return ended_; }

  void go_on() {
    if (begin_ == end_) {
      const ssize_t n = ::read(from_, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return end();
      begin_ = 0;
      end_ = static_cast<std::size_t>(n);
    }
    const ssize_t n = ::write(to_, buffer_.data() + begin_, end_ - begin_);
    if (n < 0 && errno != EAGAIN) return end();
    if (n > 0) begin_ += static_cast<std::size_t>(n);
  }

 private:
  void end() {
    ended_ = true;
    ::close(to_);
  }

  int from_;
  int to_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
};

void relay(int to_server, int from_server) {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, to_server, from_server})
    (void)::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  Way ways[] = {{STDIN_FILENO, to_server}, {from_server, STDOUT_FILENO}};
  while (!ways[1].ended()) {
    pollfd fds[] = {ways[0].wanted(), ways[1].wanted()};
    if (::poll(fds, 2, -1) < 0) return;
    for (int i = 0; i < 2; ++i) {
      if (fds[i].revents != 0) ways[i].go_on();
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  int in[2];
  int out[2];
  if (argc < 2 || ::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return 2;
  const pid_t server = ::fork();
  if (server == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::execvp(argv[1], argv + 1);
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  ::signal(SIGPIPE, SIG_IGN);
  relay(in[1], out[0]);
  ::waitpid(server, nullptr, 0);
  return 0;
}
