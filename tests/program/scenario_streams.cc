#include <sys/stat.h>

#include "tests/support/scenarios.h"
#include "tests/support/stream_end.h"

// The standard streams in any mix: what is at each of them is served, and left as it was found.
namespace testing {

namespace {

constexpr const char* kRequest = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}\n";
constexpr const char* kDie = "{\"jsonrpc\":\"2.0\",\"method\":\"die\"}\n";
constexpr const char* kAnswer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";

// Says in a pipe of the test's, $1, that it runs and what it has read: the standard streams may be
// anything.
constexpr const char* kServer = R"(
echo up >"$1"
while read -r line; do
  case $line in *die*) exit 1 ;; esac
  id=${line#*'"id":'}
  echo "{\"jsonrpc\":\"2.0\",\"id\":${id%%,*},\"result\":{}}"
  echo got >"$1"
done)";

/// A named pipe that the test reads.
class Reports {
 public:
  Reports() {
    check(::mkdtemp(directory_) != nullptr, "mkdtemp");
    check(::mkfifo(path().c_str(), 0600) == 0, "mkfifo");
    fd_ = ::open(path().c_str(), O_RDWR | O_CLOEXEC);
    lines_.emplace(fd_, kPatience);
  }
  ~Reports() {
    ::close(fd_);
    std::filesystem::remove_all(directory_);
  }
  Reports(const Reports&) = delete;
  Reports& operator=(const Reports&) = delete;
  [[nodiscard]] std::string path() const { return std::string(directory_) + "/reports"; }
  void wait(const std::string& word) {
    check(lines_->next() == word, "it is not the server's turn to say: " + word);
  }

 private:
  char directory_[32] = "/tmp/stdiogate-streams-XXXXXX";
  int fd_ = -1;
  std::optional<peer::LineSource> lines_;
};

enum class Finish { client_closes, crash_and_sigterm };

struct Mix {
  StreamKind in;
  StreamKind out;
  StreamKind err;
  bool nonblocking;  // as they are found
};

/// All three with our ends, and the gate on them.
class StreamsRun {
 public:
  StreamsRun(const Programs& programs, const Mix& mix)
      : in_(mix.in, kRequest), out_(mix.out), err_(mix.err) {
    for (const StreamEnd* end : {&in_, &out_, &err_}) {
      if (mix.nonblocking && end->theirs >= 0)
        ::fcntl(end->theirs, F_SETFL, ::fcntl(end->theirs, F_GETFL) | O_NONBLOCK);
    }
    before_ = modes();
    Words argv = wrap();
    for (const std::string& word : {programs.gate, std::string("--grace"), std::string("20s"),
                                    std::string("--"), std::string("sh"), std::string("-c"),
                                    std::string(kServer), std::string("sh"), reports_.path()})
      argv.push_back(word);
    gate_.emplace(argv, std::array{in_.theirs, out_.theirs, err_.theirs});
  }

  void run(Finish finish) {
    const bool has_request = in_.talks() || in_.ours >= 0;
    if (in_.talks()) send(kRequest);
    reports_.wait("up");
    if (has_request) reports_.wait("got");
    check_modes("while it runs");
    if (finish == Finish::crash_and_sigterm) {
      send(kDie);
      reports_.wait("up");
      send(kRequest);
      reports_.wait("got");
      check_modes("after a restart");
      gate_->signal(SIGTERM);
    } else if (in_.talks()) {
      in_.end();
    }
    const int status = gate_->wait();
    const bool signalled = finish == Finish::crash_and_sigterm;
    check(status == (signalled ? 128 + SIGTERM : 0), "status " + std::to_string(status));
    check_modes("at the end");
    if (out_.ours >= 0) {
      const std::string expected =
          has_request ? signalled ? std::string(kAnswer) + kAnswer : kAnswer : "";
      const std::string came = output(expected.size());
      check(came == expected, "its output is " + came);
    }
  }

 private:
  [[nodiscard]] std::string modes() const {
    return in_.mode() + ", " + out_.mode() + ", " + err_.mode();
  }
  void check_modes(const std::string& when) const {
    const std::string now = modes();
    check(now == before_, "the streams' modes were " + before_ + " and are, " + when + ", " + now);
  }
  void send(const std::string& line) const {
    check(::write(in_.ours, line.data(), line.size()) > 0, "write to the gate");
  }
  /// All of it is there: the gate has ended. A byte more would show.
  [[nodiscard]] std::string output(std::size_t size) const {
    std::string text(size + 1, '\0');
    std::size_t have = 0;
    pollfd ready{.fd = out_.ours, .events = POLLIN, .revents = 0};
    while (have < text.size() && ::poll(&ready, 1, 0) > 0) {
      const ssize_t n = ::read(out_.ours, text.data() + have, text.size() - have);
      if (n <= 0) break;
      have += static_cast<std::size_t>(n);
    }
    return text.substr(0, have);
  }

  StreamEnd in_;
  StreamEnd out_;
  StreamEnd err_;
  Reports reports_;
  std::string before_;
  std::optional<Gate> gate_;
};

}  // namespace

void streams(const Programs& programs) {
  std::size_t n = 0;
  for (const StreamKind in : kStreamKinds) {
    for (const StreamKind out : kStreamKinds) {
      for (const Finish finish : {Finish::client_closes, Finish::crash_and_sigterm}) {
        if (finish == Finish::crash_and_sigterm && in > StreamKind::terminal) continue;
        const StreamKind err = kStreamKinds[n++ % std::size(kStreamKinds)];
        const bool nonblocking = n % 5 == 0;
        try {
          StreamsRun(programs, {in, out, err, nonblocking}).run(finish);
        } catch (const std::exception& error) {
          throw std::runtime_error(std::string("stdin ") + name_of(in) + ", stdout " +
                                   name_of(out) + ", stderr " + name_of(err) +
                                   (finish == Finish::client_closes ? ": " : ", SIGTERM: ") +
                                   error.what());
        }
      }
    }
  }
}

}  // namespace testing
