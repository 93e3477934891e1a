#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "src/report/trace.h"
#include "tests/support/router_world.h"

namespace stdiogate {

// So that a world begins at 12:15:14.163021.
inline constexpr std::int64_t kDifference =
    1'764'159'314'163'021'000 - std::chrono::nanoseconds(std::chrono::hours(1)).count();

/// A router whose first server was the first start, and the trace of it.
struct Traced : RouterWorld, LineRoom {
  explicit Traced(RouterConfig config = {}) : RouterWorld(with_details(config)) {
    also = &trace;
    trace.server_started(0, 1, 4711);
    lines.clear();
  }

  static RouterConfig with_details(RouterConfig config) {
    config.observe_details = true;
    return config;
  }

  /// What has gathered since.
  std::string taken() { return std::exchange(lines, {}); }
  /// One member of it, as written.
  std::string member(std::string_view name) {
    const std::string key = "\"" + std::string(name) + "\":";
    const std::size_t at = lines.find(key);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + key.size();
    std::size_t end = begin;
    for (bool quoted = false; quoted || (lines[end] != ',' && lines[end] != '}'); ++end) {
      if (lines[end] == '\\')
        ++end;
      else if (lines[end] == '"')
        quoted = !quoted;
    }
    return lines.substr(begin, end - begin);
  }
  std::string ask(std::string_view line) {
    client(line);
    return std::to_string(wire_id_in(at_server().back()));
  }
  void answer(const std::string& wire_id, std::string_view rest) {
    server(R"({"jsonrpc":"2.0","id":)" + wire_id + "," + std::string(rest) + "}");
  }

  char* begin_line(std::size_t n) override {
    room.resize(n);
    return room.data();
  }
  void end_line(const char* end) override {
    lines.append(room.data(), static_cast<std::size_t>(end - room.data()));
  }

  std::string lines;
  std::string room;
  TimeText time{[this] { return now + paused; }, [] { return kDifference; }};
  Trace trace{*this, time};
};

inline constexpr const char* kCall =
    R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search"}})";

}  // namespace stdiogate
