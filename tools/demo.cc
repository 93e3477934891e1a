// Shows what the gate is for: demo STDIOGATE DEMO_SERVER TRACE

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/peer.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kCalls = 10;

/// The gate with the demo server behind it.
class Gate {
 public:
  explicit Gate(const std::vector<std::string>& argv) {
    int in[2];
    int out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int fd : {in[0], in[1], out[0], out[1]})
        ::close(fd);
      std::vector<char*> words;
      words.reserve(argv.size() + 1);
      for (const std::string& word : argv)
        words.push_back(const_cast<char*>(word.c_str()));
      words.push_back(nullptr);
      ::execv(words[0], words.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    out_ = out[0];
  }
  ~Gate() {
    ::close(in_);
    ::waitpid(pid_, nullptr, 0);
    ::close(out_);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void send(const std::string& lines) const {
    if (::write(in_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
      throw std::runtime_error("the gate does not read");
  }
  [[nodiscard]] int out() const { return out_; }

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
};

std::string between(const std::string& text, const std::string& before, char after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

void show_answer(const std::string& line, double ms) {
  const std::string id = between(line, "\"id\":", ',');
  const std::string code = between(line, "\"code\":", ',');
  const std::string text = code.empty()
                               ? between(line, "\"text\":\"", '"')
                               : "error " + code + ": " + between(line, "\"message\":\"", '"');
  std::printf("  id %-3s after %4.0f ms   %s\n", id.c_str(), ms, text.c_str());
}

/// A conversation through the gate, on a clock of its own.
class Talk {
 public:
  explicit Talk(const std::vector<std::string>& argv)
      : gate_(argv), answers_(gate_.out(), std::chrono::seconds(20)) {
    gate_.send(R"({"jsonrpc":"2.0","id":0,"method":"ping"})"
               "\n");
    const std::string up = answer();
    if (up.find("result") == std::string::npos)
      throw std::runtime_error("the server does not answer: " + up);
    start_ = Clock::now();
  }

  void call(int id, const std::string& tool, const std::string& arguments = "{}") const {
    gate_.send(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
               R"(,"method":"tools/call","params":{"name":")" + tool + R"(","arguments":)" +
               arguments + "}}\n");
  }

  /// Shows the next answer and returns it.
  std::string show_next() {
    std::string line = answer();
    show_answer(line, elapsed());
    return line;
  }

  /// Since the server has answered for the first time, in ms.
  [[nodiscard]] double elapsed() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }

 private:
  std::string answer() {
    const auto line = answers_.next();
    if (!line) throw std::runtime_error("the gate has closed");
    return *line;
  }

  Gate gate_;
  peer::LineSource answers_;
  Clock::time_point start_;
};

constexpr const char* kHalfASecond = R"({"ms":500})";

/// Sends all calls at once and shows each answer as it comes. Returns how long all of it took, in
/// ms.
double ten_sleeps(const std::vector<std::string>& argv) {
  Talk talk(argv);
  for (int i = 1; i <= kCalls; ++i)
    talk.call(i, "sleep", kHalfASecond);
  for (int i = 0; i < kCalls; ++i)
    (void)talk.show_next();
  return talk.elapsed();
}

/// The server is killed while it has a call; the next call starts it again.
void server_killed(const std::vector<std::string>& argv) {
  Talk talk(argv);
  talk.call(1, "sleep", kHalfASecond);
  talk.call(2, "die");
  for (int i = 0; i < 2; ++i) {
    if (talk.show_next().find("server-exited") == std::string::npos)
      throw std::runtime_error("that call should have failed");
  }
  talk.call(3, "sleep", kHalfASecond);
  if (talk.show_next().find("Slept") == std::string::npos)
    throw std::runtime_error("the call after it should have been answered");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    (void)std::fprintf(stderr, "usage: demo STDIOGATE DEMO_SERVER TRACE\n");
    return 2;
  }
  const std::string gate = std::filesystem::absolute(argv[1]).lexically_normal();
  const std::string server = std::filesystem::absolute(argv[2]).lexically_normal();
  const std::string trace = argv[3];
  try {
    std::filesystem::remove(trace);
    std::printf(
        "Ten calls of a tool that sleeps 500 ms, sent at once through\n  stdiogate -- "
        "demo_server\n");
    const double took = ten_sleeps({gate, "--trace", trace, "--", server});
    std::printf("All of it took %.0f ms; one after the other it would be %d.\n\n", took,
                500 * kCalls);
    std::printf("The same with a limit of three:\n  stdiogate --max-in-flight 3 -- demo_server\n");
    (void)ten_sleeps(
        {gate, "--log-level", "error", "--max-in-flight", "3", "--trace", trace, "--", server});
    std::printf("\nThe server is killed while it has a call, and the next call is answered:\n");
    server_killed({gate, "--log-level", "error", "--trace", trace, "--", server});
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "demo: %s\n", error.what());
    return 1;
  }
  std::printf(
      "\nIn the configuration of an MCP host, put it in front of any server's command:\n"
      "  \"demo\": {\"command\": \"%s\", \"args\": [\"--\", \"%s\"]}\n",
      gate.c_str(), server.c_str());
  std::printf(
      "\nWhat has happened is in %s. To see it, open tools/viewer/trace.html in a\n"
      "browser and drop the file there.\n",
      trace.c_str());
  return 0;
}
