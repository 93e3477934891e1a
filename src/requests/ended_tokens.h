#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "src/json/quoting.h"
#include "src/limits.h"

namespace stdiogate {

/// The progress tokens of the last requests that ended without an answer: servers may go on sending
/// progress that the client no longer expects.
class EndedTokens {
 public:
  /// Remembers the token, JSON text; forgets the one remembered first if there are too many.
  void add(std::string_view token) {
    texts_[next_] = plain(token);
    next_ = (next_ + 1) % kMaxEndedTokens;
  }

  /// How a wire id is remembered: servers may take it for the token, and spell it in any way. No
  /// token of the client's looks like this.
  [[nodiscard]] static std::string named(std::uint64_t wire_id) {
    return '#' + std::to_string(wire_id);
  }

  /// O(kMaxEndedTokens), but it is asked only for progress that no open request has asked for.
  [[nodiscard]] bool has(std::string_view token) const {
    return std::ranges::find(texts_, plain(token)) != texts_.end();
  }

 private:
  /// The same for tokens that are the same (see same_id).
  static std::string plain(std::string_view token) {
    return token[0] == '"' ? '"' + unescaped(token.substr(1, token.size() - 2))
                           : std::string(token);
  }

  std::array<std::string, kMaxEndedTokens> texts_{};
  std::size_t next_ = 0;
};

}  // namespace stdiogate
