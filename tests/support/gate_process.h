#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace testing {

using Words = std::vector<std::string>;

// Nothing waits this long but a test that hangs.
constexpr std::chrono::seconds kPatience{30};

/// What $WRAP puts in front of the program: valgrind and its options.
inline Words wrap() {
  const char* text = std::getenv("WRAP");
  std::istringstream words(text ? text : "");
  Words result;
  for (std::string word; words >> word;)
    result.push_back(word);
  return result;
}

/// A pipe, or something that is used like one: bytes go in at end 1 and come out at end 0.
struct Pipe {
  explicit Pipe(bool socket = false) {
    const int made = socket ? ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)
                            : ::pipe2(fds, O_CLOEXEC);
    if (made != 0) throw std::runtime_error("pipe2 or socketpair");
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  void close(int end) {
    if (fds[end] >= 0) ::close(fds[end]);
    fds[end] = -1;
  }
  int fds[2];
};

/// A running program with its standard streams in our hands.
class Gate {
 public:
  /// With these descriptors as its standard streams, where -1 is none; they stay ours, too.
  Gate(const Words& argv, const std::array<int, 3>& given) : given_(given) { start(argv); }

  explicit Gate(const Words& argv, const std::string& streams = "")
      : in_(!streams.empty()), out_(!streams.empty()) {
    if (streams == "one-socket") {
      // What goes in at one end of the socket comes out at the other, both ways.
      out_.fds[0] = ::dup(in_.fds[1]);
      out_.fds[1] = ::dup(in_.fds[0]);
      one_socket_ = true;
    }
    start(argv);
  }
  ~Gate() {
    if (!status_) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int in() const { return in_.fds[1]; }
  [[nodiscard]] int out() const { return out_.fds[0]; }
  [[nodiscard]] int err() const { return err_.fds[0]; }
  void close_in() {
    if (one_socket_) ::shutdown(in(), SHUT_WR);
    in_.close(1);
  }
  void close_out() { out_.close(0); }
  void signal(int number) const { ::kill(pid_, number); }

  /// The exit status, 128 and the signal if it was killed. Waits for it.
  int wait(std::chrono::milliseconds patience = kPatience) {
    if (status_) return *status_;
    const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    pollfd fds[] = {{.fd = process, .events = POLLIN, .revents = 0},
                    {.fd = err(), .events = POLLIN, .revents = 0}};
    while (fds[0].revents == 0) {
      if (::poll(fds, 2, static_cast<int>(patience.count())) <= 0)
        throw std::runtime_error("the gate does not end");
      if (fds[1].revents != 0 && !read_stderr()) fds[1].fd = -1;
    }
    ::close(process);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    while (read_stderr()) {
    }
    return *status_;
  }

  std::string stderr_text;  // what was not consumed by stderr-like

 private:
  void start(const Words& argv) {
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) become(argv);
    in_.close(0);
    out_.close(1);
    err_.close(1);
  }

  [[noreturn]] void become(const Words& argv) {
    ::signal(SIGHUP, SIG_DFL);  // these tests may run under nohup
    const auto fds = given_.value_or(std::array{in_.fds[0], out_.fds[1], err_.fds[1]});
    for (int i = 0; i < 3; ++i) {
      ::close(i);
      if (fds[static_cast<std::size_t>(i)] >= 0) ::dup2(fds[static_cast<std::size_t>(i)], i);
    }
    std::vector<char*> words;
    for (const std::string& word : argv)
      words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    std::perror(words[0]);
    ::_exit(125);
  }

  /// Reads from its stderr once. False at the end.
  bool read_stderr() {
    char chunk[4096];
    const ssize_t n = ::read(err(), chunk, sizeof chunk);
    if (n > 0) stderr_text.append(chunk, static_cast<std::size_t>(n));
    return n > 0;
  }

  std::optional<std::array<int, 3>> given_;
  Pipe in_;
  Pipe out_;
  Pipe err_;
  pid_t pid_ = -1;
  bool one_socket_ = false;
  std::optional<int> status_;
};

}  // namespace testing
