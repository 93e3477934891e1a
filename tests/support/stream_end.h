#pragma once

#include <fcntl.h>
#include <pty.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace testing {

/// What a standard stream may be.
enum class StreamKind : std::uint8_t { pipe, socket, terminal, file, null, closed };
constexpr StreamKind kStreamKinds[] = {StreamKind::pipe, StreamKind::socket, StreamKind::terminal,
                                       StreamKind::file, StreamKind::null,   StreamKind::closed};
constexpr const char* kStreamKindNames[] = {"pipe", "socket", "terminal", "file", "null", "closed"};

inline const char* name_of(StreamKind kind) {
  return kStreamKindNames[static_cast<std::size_t>(kind)];
}

/// A standard stream of a program that is to be started, and our end of it.
class StreamEnd {
 public:
  /// `contents`: of a file that is to be stdin. Without it this one is for output.
  explicit StreamEnd(StreamKind kind, std::optional<std::string> contents = std::nullopt)
      : kind_(kind) {
    const bool input = contents.has_value();
    int fds[2] = {-1, -1};  // to be read, to be written
    int made = 0;
    switch (kind) {
      case StreamKind::pipe: made = ::pipe2(fds, O_CLOEXEC); break;
      case StreamKind::socket:
        made = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
        break;
      case StreamKind::terminal: made = open_terminal(fds[input], fds[!input]); break;
      case StreamKind::file: made = open_file(fds[input], fds[!input], contents); break;
      case StreamKind::null: fds[!input] = ::open("/dev/null", O_RDWR | O_CLOEXEC); break;
      case StreamKind::closed: break;
    }
    if (made != 0) throw std::runtime_error(std::string("cannot make a ") + name_of(kind));
    theirs = fds[!input];
    ours = fds[input];
  }
  ~StreamEnd() {
    close_ours();
    if (theirs >= 0) ::close(theirs);
  }
  StreamEnd(const StreamEnd&) = delete;
  StreamEnd& operator=(const StreamEnd&) = delete;

  void close_ours() {
    if (ours >= 0) ::close(ours);
    ours = -1;
  }

  /// Whether somebody is at the other end.
  [[nodiscard]] bool talks() const { return kind_ <= StreamKind::terminal; }

  /// Ends what they read.
  void end() {
    if (kind_ != StreamKind::terminal) return close_ours();
    if (::write(ours, "\4", 1) != 1) throw std::runtime_error("write to the terminal");
  }

  /// What others who share the stream would notice if it changed: flags, and a terminal's mode.
  [[nodiscard]] std::string mode() const {
    std::string mode = std::to_string(theirs < 0 ? -1 : ::fcntl(theirs, F_GETFL));
    termios terminal{};
    if (kind_ == StreamKind::terminal && ::tcgetattr(theirs, &terminal) == 0) {
      for (const tcflag_t flags :
           {terminal.c_iflag, terminal.c_oflag, terminal.c_cflag, terminal.c_lflag})
        mode += " " + std::to_string(flags);
    }
    return mode;
  }

  int theirs = -1;
  int ours = -1;

 private:
  static int open_terminal(int& our_end, int& their_end) {
    if (::openpty(&our_end, &their_end, nullptr, nullptr, nullptr) != 0) return -1;
    for (const int fd : {our_end, their_end})
      ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    termios terminal{};
    ::tcgetattr(their_end, &terminal);
    terminal.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    terminal.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    return ::tcsetattr(their_end, TCSANOW, &terminal);
  }

  static int open_file(int& our_end, int& their_end, const std::optional<std::string>& contents) {
    char path[] = "/tmp/stdiogate-stream-XXXXXX";
    our_end = ::mkostemp(path, O_CLOEXEC);
    if (contents && ::write(our_end, contents->data(), contents->size()) < 0) return -1;
    their_end = ::open(path, (contents ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
    return ::unlink(path);
  }

  StreamKind kind_;
};

}  // namespace testing
