#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/gate_process.h"
#include "tools/peer.h"

/// For tests in C++ against the built program.
namespace testing {

struct Programs {
  std::string gate;
  std::string stub;
};

inline void check(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

/// A script for the stub server in a file of its own.
class Script {
 public:
  explicit Script(const std::string& text) {
    const int fd = ::mkstemp(path_);
    check(fd >= 0, "mkstemp");
    ::close(fd);
    std::ofstream(path_) << text;
  }
  ~Script() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/stdiogate-scenario-XXXXXX";
};

/// A gate with a stub server behind it, spoken to in lines.
class Session {
 public:
  Session(const Programs& programs, const Words& options, const std::string& script)
      : script_(script),
        gate_(command(programs, options, {programs.stub, script_.path()})),
        out_(gate_.out(), kPatience) {}

  /// With another server.
  Session(const Programs& programs, const Words& options, const Words& server)
      : script_(""), gate_(command(programs, options, server)), out_(gate_.out(), kPatience) {}

  void send(const std::string& line) {
    const std::string bytes = line + "\n";
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t n = ::write(gate_.in(), bytes.data() + at, bytes.size() - at);
      check(n > 0, "write to the gate");
      at += static_cast<std::size_t>(n);
    }
  }
  void request(const std::string& id, const std::string& method, std::size_t marker) {
    send(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{"marker":)" +
         std::to_string(marker) + "}}");
  }
  std::string line() {
    auto next = out_.next();
    check(next.has_value(), "the gate has closed its output");
    return std::move(*next);
  }
  Gate& gate() { return gate_; }

  /// The statistics the gate writes when asked.
  std::string statistics() {
    gate_.signal(SIGUSR1);
    peer::LineSource err(gate_.err(), kPatience);
    for (;;) {  // what else there may be is valgrind's
      const auto line = err.next();
      check(line.has_value(), "no statistics");
      if (line->starts_with("{")) return *line;
    }
  }

  void end() {
    gate_.close_in();
    const auto left = out_.next();
    check(!left, "at the end there came: " + left.value_or(""));
    check(gate_.wait() == 0, "the gate did not end with status 0");
  }

 private:
  static Words command(const Programs& programs, const Words& options, const Words& server) {
    Words words = wrap();
    words.push_back(programs.gate);
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("--");
    words.insert(words.end(), server.begin(), server.end());
    return words;
  }

  Script script_;
  Gate gate_;
  peer::LineSource out_;
};

}  // namespace testing
