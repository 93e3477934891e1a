#include "tests/support/scenarios.h"
#include "tests/support/stream_end.h"

// A client that reads nothing before it has sent everything, and then a byte at a time.
namespace testing {

namespace {

constexpr std::size_t kRequests = 100;  // as many as may be in flight
constexpr std::size_t kPayload = 4000;  // in all, more than any pipes and buffers between hold
constexpr int kSmallPipe = 4096;

std::string payload(std::size_t n) {
  return '"' + std::to_string(n) + std::string(kPayload, 'x') + '"';
}

std::string request(std::size_t n) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(n) + R"(,"method":"m","params":{"marker":)" +
         payload(n) + "}}\n";
}

std::string answer(std::size_t n) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(n) + R"(,"result":{"marker":)" + payload(n) +
         "}}";
}

std::string line_byte_by_byte(int fd) {
  std::string line;
  for (char c = 0; c != '\n';) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    const int patience = static_cast<int>(std::chrono::milliseconds(kPatience).count());
    check(::poll(&ready, 1, patience) > 0, "nothing has come for a long time");
    check(::read(fd, &c, 1) == 1, "the gate has closed its output");
    line += c;
  }
  line.pop_back();
  return line;
}

void read_slowly(const Programs& programs, StreamKind kind) {
  const Script script("wait " + std::to_string(kRequests) + "\nanswer in-order\nexpect-end\n");
  StreamEnd in(StreamKind::pipe, "");
  StreamEnd out(kind);
  StreamEnd err(StreamKind::null);
  if (kind == StreamKind::pipe) ::fcntl(out.theirs, F_SETPIPE_SZ, kSmallPipe);
  Words argv = wrap();
  for (const std::string& word : {programs.gate, std::string("--"), programs.stub, script.path()})
    argv.push_back(word);
  Gate gate(argv, std::array{in.theirs, out.theirs, err.theirs});
  for (std::size_t n = 1; n <= kRequests; ++n) {
    const std::string line = request(n);
    for (std::size_t at = 0; at < line.size();) {
      const ssize_t written = ::write(in.ours, line.data() + at, line.size() - at);
      check(written > 0, "write to the gate");
      at += static_cast<std::size_t>(written);
    }
  }
  for (std::size_t n = 1; n <= kRequests; ++n)
    check(line_byte_by_byte(out.ours) == answer(n), "another answer than " + std::to_string(n));
  in.end();
  check(gate.wait() == 0, "the gate did not end with status 0");
}

}  // namespace

void slow_reader(const Programs& programs) {
  for (const StreamKind kind : {StreamKind::pipe, StreamKind::socket, StreamKind::terminal})
    read_slowly(programs, kind);
}

}  // namespace testing
