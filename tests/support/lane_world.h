#pragma once

#include <fcntl.h>

#include <string>
#include <vector>

#include "src/io/lane.h"
#include "src/io/sink.h"
#include "src/limits.h"
#include "tests/support/fake_clock.h"
#include "tests/support/pipe.h"

namespace stdiogate {

/// A lane between two small pipes, whose owner passes every line on and reads while fewer than
/// kHighWater bytes of them are queued, or never while `full`.
struct LaneWorld : Lane::Owner, Sink::Owner {
  /// `held`: what its source holds already.
  explicit LaneWorld(std::size_t max_line = 1 << 20, const std::string& held = "")
      : lane(reactor, *this, max_line) {
    source.put(held);
    reactor.on_turn_end([this] {
      out.flush();
      lane.end_of_turn();
      if (out.wants_flush()) reactor.again();
    });
    lane.connect_source(Stream::own(std::move(source.reader)));
    out.connect(Stream::own(std::move(sink.writer)));
  }

  [[nodiscard]] bool may_read() const override { return !full && writer.size() < kHighWater; }
  bool on_lines(LineReader& reader) override {
    while (may_read()) {
      const auto line = reader.next();
      if (!line) return true;
      lines.push_back(std::string(line->bytes));
      writer.append(line->bytes);
      full = lines.size() == full_after;
    }
    return false;
  }
  void on_source_end(int error) override {
    ++ends;
    end_error = error;
  }
  void on_source_hangup() override { ++hangups; }
  void on_sink_gone(int error) override {
    ++sinks_gone;
    sink_error = error;
  }

  /// Turns until nothing is ready any more.
  void turn_all() {
    for (int i = 0; i < 100; ++i) {
      Reactor::Timer alarm(reactor, [] {});
      alarm.set(clock.now());
      reactor.turn();
    }
  }

  /// Reads from the sink, and lets the lane go on, until it has nothing left to write.
  std::string take_all() {
    std::string all;
    while (!writer.empty()) {
      all += sink.take();
      turn_all();
    }
    ::fcntl(sink.reader.get(), F_SETFL, O_NONBLOCK);
    char c = 0;
    while (::read(sink.reader.get(), &c, 1) == 1)
      all += c;
    ::fcntl(sink.reader.get(), F_SETFL, 0);
    return all;
  }

  FakeClock clock;
  Reactor reactor{clock};
  Pipe source;
  Pipe sink;
  Sink out{reactor, *this};
  LineWriter& writer = out.writer();
  bool full = false;
  std::size_t full_after = 0;  // lines
  std::vector<std::string> lines;
  int ends = 0;
  int end_error = 0;
  int hangups = 0;
  int sinks_gone = 0;
  int sink_error = 0;
  Lane lane;
};

}  // namespace stdiogate
