#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stdiogate {

/// What the answer to `initialize` says, as far as the gate must know.
struct SessionTerms {
  std::string protocol_version;
  /// The kinds of lists of which the server has said that it tells when they change: "tools",
  /// "prompts", "resources".
  std::vector<std::string_view> changing_lists;
};

/// Reads a valid answer to `initialize`. What is not there, or not as MCP has it, is empty.
[[nodiscard]] SessionTerms session_terms(std::string_view answer);

/// The client's session with the server, up to MCP 2025-11-25 (basic/lifecycle): what another
/// server has to be sent for it to go on where the first has ended.
struct Session {
  /// More than this is not kept of either line.
  static constexpr std::size_t kMaxLine = 64 * 1024;

  std::string initialize;     // the client's line; empty: it has none, or one that is too long
  std::size_t id_offset = 0;  // of its id
  std::size_t id_length = 0;
  std::string initialized;  // the client's notification; empty until it has come
  bool is_open = false;     // the server has agreed
  SessionTerms terms;       // to what
};

}  // namespace stdiogate
