#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/router.h"

#include "tests/support/catch.h"

namespace stdiogate {

/// A router with a client and a server that are a test: lines go in by name, what comes out for
/// either side is collected. Time stands still until it is advanced.
class RouterWorld : private Observer {
 public:
  using Lines = std::vector<std::string>;

  struct Seen {  // an Event that keeps what it shows
    Event event;
    std::string id;
    std::string method;
    std::string detail;
  };

  explicit RouterWorld(RouterConfig config = {}) : router(config, to_client_, *this) {
    router.connect(0, to_server_, false, now);
  }

  /// A line comes in a read of its own. It is taken even while the router would take no more.
  void client(std::string_view line) {
    LineReader lines = read(std::string(line));
    if (!router.client_lines(lines, now)) router.client_line({line, false}, now);
  }
  void server(std::string_view line) {
    LineReader lines = read(std::string(line));
    if (!router.server_lines(lines, now)) router.server_line({line, false}, now);
  }

  void advance(Duration by) {
    now += by;
    router.advance(now);
  }

  /// What has come out for that side since it was asked last.
  Lines at_server() { return taken(to_server_); }
  Lines at_client() { return taken(to_client_); }

  [[nodiscard]] const LineWriter& client_writer() const { return to_client_; }

  [[nodiscard]] int count(EventKind kind) const {
    int n = 0;
    for (const Seen& seen : events)
      n += seen.event.kind == kind;
    return n;
  }
  /// The same of those that tell of a server's line.
  [[nodiscard]] int count_of_server(EventKind kind) const {
    int n = 0;
    for (const Seen& seen : events)
      n += seen.event.kind == kind && seen.event.from_server;
    return n;
  }

  static LineReader read(std::string line) {
    LineReader lines(line.size() + 1);
    line += '\n';
    for (std::string_view rest = line; !rest.empty();) {
      const std::span<char> room = lines.room();
      const std::size_t n = rest.copy(room.data(), room.size());
      lines.commit(n);
      rest.remove_prefix(n);
    }
    return lines;
  }

  static Lines taken(LineWriter& writer) {
    const std::string all(writer.bytes());
    writer.clear();
    Lines lines;
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t newline = all.find('\n', at);
      lines.push_back(all.substr(at, newline - at));
      at = newline + 1;
    }
    return lines;
  }

  Time now{std::chrono::hours(1)};
  std::vector<Seen> events;
  Duration paused{};         // how long the client has read nothing
  Duration check{};          // how long a line takes that takes long
  std::string words;         // of the server's, on its stderr
  Observer* also = nullptr;  // hears of each event, too

 private:
  static bool is_always_of_server(EventKind kind) {
    return kind == EventKind::noise || kind == EventKind::echo ||
           kind == EventKind::anonymous_error || kind == EventKind::server_refused;
  }

  void on_event(const Event& event) override {
    if (is_always_of_server(event.kind)) CHECK(event.from_server);
    if (also) also->on_event(event);
    events.push_back(
        {event, std::string(event.id), std::string(event.method), std::string(event.detail)});
  }
  std::string last_words(std::uint8_t) override { return words; }
  Time moment(Time) override { return now + paused; }
  Time later(Time) override { return now += check; }

  LineWriter to_server_;
  LineWriter to_client_;

 public:
  Router router;
};

/// The number behind `"id":` in a line the gate has written, or 0.
inline std::uint64_t wire_id_in(std::string_view line, std::string_view member = "\"id\":") {
  const std::size_t at = line.find(member);
  if (at == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  for (const char c : line.substr(at + member.size())) {
    if (c < '0' || c > '9') break;
    number = 10 * number + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

/// A request, a result and so on, as short as they can be.
inline std::string request(std::string_view id, std::string_view method = "m",
                           std::string_view params = "") {
  std::string line = R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":")";
  line.append(method).append("\"");
  if (!params.empty()) line.append(",\"params\":").append(params);
  return line + "}";
}
inline std::string request(std::uint64_t id, std::string_view method = "m",
                           std::string_view params = "") {
  return request(std::to_string(id), method, params);
}
inline std::string notification(std::string_view method, std::string_view params = "{}") {
  std::string line = R"({"jsonrpc":"2.0","method":")";
  return line.append(method).append("\",\"params\":").append(params) + "}";
}
inline std::string result(std::string_view id, std::string_view value = "{}") {
  std::string line = R"({"jsonrpc":"2.0","id":)";
  return line.append(id).append(",\"result\":").append(value) + "}";
}
inline std::string result(std::uint64_t id, std::string_view value = "{}") {
  return result(std::to_string(id), value);
}
inline std::string error(std::uint64_t id, int code = -1) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"error":{"code":)" +
         std::to_string(code) + R"(,"message":"no"}})";
}
inline std::string cancelled(std::string_view id) {
  return notification("notifications/cancelled",
                      R"({"requestId":)" + std::string(id) + R"(,"reason":"stop"})");
}
inline std::string cancelled(std::uint64_t id) {
  return cancelled(std::to_string(id));
}

/// Sends the request and returns the wire id under which it reached the server.
inline std::uint64_t pass(RouterWorld& world, const std::string& line) {
  world.client(line);
  const RouterWorld::Lines lines = world.at_server();
  REQUIRE(lines.size() == 1);
  const std::uint64_t wire_id = wire_id_in(lines[0]);
  REQUIRE(wire_id > 0);
  return wire_id;
}

/// Whether the line is the gate's own error of this code, under this id (empty: none).
inline bool is_gate_error(std::string_view line, int code, std::string_view id) {
  const std::string head =
      id.empty() ? R"({"jsonrpc":"2.0","error":{"code":)"
                 : R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"error":{"code":)";
  return line.starts_with(head + std::to_string(code) + ",") &&
         line.find(R"("data":{"from":"stdiogate",)") != std::string_view::npos;
}

}  // namespace stdiogate
