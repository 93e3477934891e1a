#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace bench {

using Words = std::vector<std::string>;
using SteadyClock = std::chrono::steady_clock;

/// What a path has cost, the server and all processes between included.
struct Cost {
  double cpu_seconds = 0;
  double switches = 0;  // of context, both kinds
};

/// A command whose stdin and stdout are pipes in our hands, both non-blocking at this end.
class Path {
 public:
  explicit Path(const Words& argv);
  ~Path();
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  [[nodiscard]] int in() const { return in_; }
  [[nodiscard]] int out() const { return out_; }

  /// The most memory the command itself has had so far, in KiB; not that of its children.
  [[nodiscard]] double peak_kib() const;

  /// Waits until there is something to read (true), or room to write if that is asked for.
  /// Throws std::runtime_error if neither comes for long.
  [[nodiscard]] bool wait(bool for_room) const;

  /// Closes its stdin, throws away what still comes and waits for its end.
  Cost finish();

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
};

/// While it lives, this process and what it starts run on one processor.
class OneCore {
 public:
  explicit OneCore(bool wanted);
  ~OneCore();
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;

 private:
  bool wanted_;
};

}  // namespace bench
