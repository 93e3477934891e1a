#pragma once

#include <string>
#include <utility>

#include "tests/support/router_world.h"

namespace stdiogate {

inline constexpr Router::ServerNumber kFirst = 0;
inline constexpr Router::ServerNumber kSecond = 1;

inline const std::string kTerms =
    R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}}})";
inline const std::string kInitialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
inline const std::string kToolsChanged =
    R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";

/// A router whose server number 1 can be told apart.
struct TwoServers : RouterWorld {
  explicit TwoServers(RouterConfig config = {}) : RouterWorld(std::move(config)) {}

  Lines at_second() { return taken(to_second); }
  void second(std::string_view line) { router.server_line({line, false}, now, kSecond); }

  /// The first server ends.
  void lose_first() { router.disconnect(kFirst, gone(), now); }
  void start_second(bool must_answer = false) {
    router.connect(kSecond, to_second, must_answer, now);
  }
  static GateError gone() { return server_exited_error({.status = 3}, "", true); }

  /// A session as the client and the first server have opened it.
  void open_session(const std::string& terms = kTerms) {
    const auto wire_id = pass(*this, request("\"init\"", "initialize", R"({"x":1})"));
    server(result(wire_id, terms));
    client(kInitialized);
    (void)at_server();
    (void)at_client();
  }

  LineWriter to_second;
  LineWriter third;
};

/// How a question of a lost server's is taken back.
inline std::string cancelled_by_end(std::uint64_t wire_id) {
  return notification("notifications/cancelled", R"({"requestId":)" + std::to_string(wire_id) +
                                                     R"(,"reason":"The server has ended"})");
}

}  // namespace stdiogate
