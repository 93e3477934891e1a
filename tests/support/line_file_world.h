#pragma once

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "src/io/line_file.h"
#include "src/limits.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

namespace stdiogate {

/// A file in a folder of its own, which is also its owner.
struct LineFileWorld : LineFile::Owner {
  explicit LineFileWorld(std::uint64_t limit = 0) {
    char name[] = "/tmp/stdiogate-line-file-XXXXXX";
    directory = ::mkdtemp(name);
    path = directory + "/file";
    file.emplace(reactor, *this, path, limit);
  }
  ~LineFileWorld() override {
    file.reset();
    std::filesystem::remove_all(directory);
  }

  void on_lines_lost(const LineFile&, int error) override {
    ++losses;
    why = error;
  }
  std::string lost_line(std::uint64_t lines) override {
    return "lost " + std::to_string(lines) + "\n";
  }

  void put(const std::string& line) {
    file->put(line + "\n");
    file->flush();
  }
  /// Makes the line in place; not written yet.
  void make(const std::string& line) {
    char* at = file->begin_line(line.size() + 1000);
    at = std::copy(line.begin(), line.end(), at);
    *at++ = '\n';
    file->end_line(at);
  }
  /// A second later, as far as the reactor knows.
  void wait() {
    clock.advance(kFileTry);
    Reactor::Timer now(reactor, [] {});
    now.set(reactor.now());
    reactor.turn();
  }
  [[nodiscard]] std::string text(const std::string& suffix = "") const {
    std::ifstream in(path + suffix);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  FakeClock clock;
  Reactor reactor{clock};
  std::string directory;
  std::string path;
  std::optional<LineFile> file;
  int losses = 0;
  int why = 0;
};

}  // namespace stdiogate
