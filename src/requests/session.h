#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stdiogate {

/// What the answer to `initialize` says, as far as the gate must know.
struct SessionTerms {
  std::string protocol_version;  // a number as it is written
  std::string revision;          // of MCP; empty if that is no string, or too long to be shown
  /// The kinds of lists for which the server has declared `listChanged`: "tools", "prompts",
  /// "resources".
  std::vector<std::string_view> changing_lists;
};

/// Reads a valid answer to `initialize`. What is missing, or not as MCP has it, is empty.
[[nodiscard]] SessionTerms session_terms(std::string_view answer);

/// Whether the answer to `initialize` or `server/discover` announces tasks: as a capability (MCP
/// 2025-11-25) or as an extension (2026-07-28).
[[nodiscard]] bool announces_tasks(std::string_view answer);

/// Whether the `initialize` is the Agent Client Protocol's, where `protocolVersion` is a number.
[[nodiscard]] bool is_of_acp(std::string_view initialize);

/// `params.uri` of a request, unescaped; empty if there is none.
[[nodiscard]] std::string uri_of(std::string_view request);

/// A request that is kept to be sent again, and where in it its id is.
struct KeptLine {
  std::string text{};
  std::size_t id_offset = 0;
  std::size_t id_length = 0;
  std::uint32_t method = 0;  // its number
};

/// `server/discover` with the `_meta` of another request, without its progress token; empty if that
/// `_meta` names no protocol version. Every request of MCP 2026-07-28 names one.
[[nodiscard]] KeptLine discover_like(std::string_view last_meta);

/// The client's session with its server, up to MCP 2025-11-25 (basic/lifecycle): what another
/// server has to be sent to go on where the first has ended.
struct Session {
  static constexpr std::string_view kLogLevel = "the log level";  // no URI has blanks

  /// A request that was answered with a result, and is sent to each further server.
  struct SetUp {
    std::string what;  // the URI subscribed to, or kLogLevel
    KeptLine request{};
  };

  KeptLine initialize;      // empty: it was too long to be kept
  std::string initialized;  // the client's notification; empty until it has come
  bool is_open = false;     // the server has agreed
  bool is_whole = true;     // nothing was too long to be kept
  bool is_acp = false;
  bool has_conversations = false;  // ACP: sessions that no other agent can go on with
  SessionTerms terms;              // what the server has agreed to
  std::vector<SetUp> set_up;

  void forget(std::string_view what);
  [[nodiscard]] bool has_subscriptions() const;

  /// Of all that is kept.
  [[nodiscard]] std::size_t bytes() const;
};

}  // namespace stdiogate
