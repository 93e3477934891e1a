#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/process/child_process.h"
#include "tests/support/fake_clock.h"

namespace stdiogate {

/// A real child under a real watcher; time stands still until it is advanced.
struct ChildWorld : ChildProcess::Owner {
  explicit ChildWorld(std::vector<std::string> argv, KillMode kill_mode = KillMode::all)
      : command{std::move(argv), kill_mode},
        launcher(command, {}),
        child(reactor, launcher, *this) {
    ends = child.start();
  }

  void on_started(pid_t started) override { pid = started; }
  void on_not_started(const NotStarted& why) override { not_started = why; }
  void on_exited(const ServerEnd& end) override { exited = end; }
  void on_rung(const char* signal) override { rungs.push_back(signal); }
  void on_cannot_sweep(const std::string& why) override { cannot_sweep = why; }
  void on_left_alone(pid_t left, std::string_view name) override {
    left_alone.emplace_back(left, name);
  }
  void on_finished(std::uint32_t count) override { killed = count; }

  template <class Condition>
  void turn_until(Condition condition) {
    while (!condition())
      reactor.turn();
  }

  /// Later, and a turn that does not wait for it to be so.
  void advance(Duration by) {
    clock.advance(by);
    Reactor::Timer alarm(reactor, [] {});
    alarm.set(reactor.now());
    reactor.turn();
  }

  /// Waits for a line on the child's stdout, read byte by byte.
  std::string line() {
    std::string text;
    bool whole = false;
    Reactor::Watch watch(reactor, ends.from_stdout.fd(), [&](Ready) {
      char c = 0;
      while (!whole && ends.from_stdout.read({&c, 1}).kind == IoResult::Kind::done) {
        whole = c == '\n';
        if (!whole) text += c;
      }
    });
    watch.want(Interest::read);
    turn_until([&] { return whole && pid; });  // that it runs is told elsewhere
    return text;
  }

  /// Waits until nobody holds the writing end of the child's stdout.
  void wait_for_end_of_output() {
    bool ended = false;
    Reactor::Watch watch(reactor, ends.from_stdout.fd(), [&](Ready) {
      char c = 0;
      ended = ends.from_stdout.read({&c, 1}).kind == IoResult::Kind::end;
    });
    watch.want(Interest::read);
    turn_until([&] { return ended; });
  }

  FakeClock clock;
  Reactor reactor{clock};
  ServerCommand command;
  Launcher launcher;
  std::optional<pid_t> pid;
  std::optional<NotStarted> not_started;
  std::string cannot_sweep;
  std::vector<std::pair<pid_t, std::string>> left_alone;
  std::optional<ServerEnd> exited;
  std::optional<std::uint32_t> killed;
  std::vector<std::string> rungs;
  ChildProcess child;
  ChildProcess::Ends ends;
};

inline std::vector<std::string> shell(const std::string& script) {
  return {"/bin/sh", "-c", script};
}

}  // namespace stdiogate
