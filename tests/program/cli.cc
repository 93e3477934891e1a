// Runs the built program against scripted servers: cli-tests PROGRAM STUB_SERVER CASE...
//
// A CASE is a directory. If it holds a file `run`, that shell script is the test: $STDIOGATE,
// $STUB_SERVER and $CASE name the programs and the directory, and status 0 is a pass. Otherwise:
//
//     args      options for the program, a word a line; may be missing
//     server    the stub server's script; server-2, server-3, ... are those of its later starts
//     command   the server to run instead of the stub, a word a line
//     streams   `socketpairs` (what Node gives its children) or `one-socket` (one for both), if
//               stdin and stdout are not two pipes
//     client    the client's script, in the language of tools/peer.h and with these commands:
//
//         close              close the gate's stdin
//         close-output       close the read end of the gate's stdout
//         signal NAME        send the gate a signal
//         stderr-like TEXT   read the gate's stderr up to a line like TEXT
//         expect-exit N      the gate ends with status N
//
// After the last command the client closes the gate's stdin. Then stdout must hold no more, and the
// status must be 0, unless the script has expected one. $WRAP is put in front of the program.
//
// cli-tests --tolerant PROGRAM STUB_SERVER CASE plays one case, takes whatever comes and prints it
// (tolerant_client.h).

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/program/tolerant_client.h"
#include "tests/support/gate_process.h"
#include "tools/peer.h"

namespace {

namespace fs = std::filesystem;
using testing::Gate;
using testing::kPatience;
using testing::Words;

Words lines_of(const fs::path& path) {
  Words lines;
  std::istringstream text(fs::exists(path) ? peer::contents(path) : "");
  for (std::string line; std::getline(text, line);)
    lines.push_back(line);
  return lines;
}

class Client final : public peer::Peer {
 public:
  explicit Client(Gate& gate)
      : Peer(gate.out(), gate.in(), kPatience), gate_(gate), err_(gate.err(), kPatience) {}

  void finish() {
    if (!exited_) {
      gate_.close_in();
      if (!output_closed_) {
        if (const auto line = in().next())
          throw std::runtime_error("at the end there came: " + line->substr(0, 300));
      }
      expect_exit(0);
    }
  }

 private:
  bool run_special(std::string_view command, std::string_view rest) override {
    if (command == "close") {
      gate_.close_in();
    } else if (command == "close-output") {
      gate_.close_out();
      output_closed_ = true;
    } else if (command == "signal") {
      gate_.signal(peer::signal_number(rest));
    } else if (command == "stderr-like") {
      stderr_like(rest);
    } else if (command == "expect-exit") {
      expect_exit(static_cast<int>(peer::number(rest)));
    } else {
      return false;
    }
    return true;
  }

  void expect_exit(int expected) {
    exited_ = true;
    const int status = gate_.wait();
    if (status != expected)
      throw std::runtime_error("the gate ended with status " + std::to_string(status));
  }

  void stderr_like(std::string_view pattern) {
    const std::string wanted = substituted(pattern);
    std::string seen;
    while (const auto line = err_.next()) {
      if (matches(*line, wanted, true)) return;
      seen += "\n    " + *line;
    }
    throw std::runtime_error("stderr ended without such a line:" + seen);
  }

  Gate& gate_;
  peer::LineSource err_;
  bool exited_ = false;
  bool output_closed_ = false;
};

struct Programs {
  std::string gate;
  std::string stub;
};

/// Where the stub server counts its starts.
class StartsFile {
 public:
  StartsFile() {
    const int fd = ::mkstemp(path_);
    if (fd < 0) throw std::runtime_error("mkstemp");
    ::close(fd);
    ::setenv("STUB_STARTS", path_, 1);
  }
  ~StartsFile() { ::unlink(path_); }
  StartsFile(const StartsFile&) = delete;
  StartsFile& operator=(const StartsFile&) = delete;

 private:
  char path_[32] = "/tmp/stdiogate-starts-XXXXXX";
};

/// The command line of a case, with options in front of its own.
Words command(const Programs& programs, const fs::path& path, const Words& options = {}) {
  Words argv = testing::wrap();
  argv.push_back(programs.gate);
  argv.insert(argv.end(), options.begin(), options.end());
  for (const std::string& arg : lines_of(path / "args"))
    argv.push_back(arg);
  argv.push_back("--");
  if (fs::exists(path / "server")) {
    argv.push_back(programs.stub);
    argv.push_back(path / "server");
    for (int i = 2; fs::exists(path / ("server-" + std::to_string(i))); ++i)
      argv.push_back(path / ("server-" + std::to_string(i)));
  } else {
    for (const std::string& word : lines_of(path / "command"))
      argv.push_back(word);
  }
  return argv;
}

std::string streams(const fs::path& path) {
  const Words lines = lines_of(path / "streams");
  return lines.empty() ? "" : lines[0];
}

int play_tolerantly(const Programs& programs, const fs::path& path) {
  const StartsFile starts;
  const Words options = {"--drain", "500ms", "--grace", "200ms", "--log-level", "info"};
  Gate gate(command(programs, path, options), streams(path));
  TolerantClient(gate).play(peer::contents(path / "client"));
  return 0;
}

/// Returns what went wrong, empty if nothing did.
std::string run_case(const Programs& programs, const fs::path& path) {
  const StartsFile starts;
  Gate gate(command(programs, path), streams(path));
  Client client(gate);
  try {
    client.run(path / "client", peer::contents(path / "client"));
    client.finish();
  } catch (const std::exception& error) {
    return std::string(error.what()) + "\n  stderr: " + gate.stderr_text;
  }
  return "";
}

std::string run_script(const Programs& programs, const fs::path& path) {
  ::setenv("STDIOGATE", programs.gate.c_str(), 1);
  ::setenv("STUB_SERVER", programs.stub.c_str(), 1);
  ::setenv("CASE", path.c_str(), 1);
  Gate gate({"timeout", "120", "bash", "-eu", (path / "run").string()});
  gate.close_in();
  std::string output;
  char chunk[4096];
  for (ssize_t n = 1; n > 0;) {
    n = ::read(gate.out(), chunk, sizeof chunk);
    if (n > 0) output.append(chunk, static_cast<std::size_t>(n));
  }
  const int status = gate.wait();
  if (status == 0) return "";
  return "status " + std::to_string(status) + "\n" + output + gate.stderr_text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    (void)std::fprintf(stderr, "usage: cli-tests PROGRAM STUB_SERVER CASE...\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  if (std::string(argv[1]) == "--tolerant" && argc == 5)
    return play_tolerantly({.gate = argv[2], .stub = argv[3]}, argv[4]);
  const Programs programs{.gate = argv[1], .stub = argv[2]};
  int passed = 0;
  int failed = 0;
  for (int i = 3; i < argc; ++i) {
    const fs::path path(argv[i]);
    std::string fault;
    try {
      fault = fs::exists(path / "run") ? run_script(programs, path) : run_case(programs, path);
    } catch (const std::exception& error) {
      fault = error.what();
    }
    ++(fault.empty() ? passed : failed);
    if (!fault.empty()) std::printf("FAIL %s\n  %s\n", path.c_str(), fault.c_str());
  }
  std::printf("cli: %d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
