#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "stdiogate/request_id.h"

#include "src/limits.h"

namespace stdiogate {

/// The progress tokens of the last requests that ended without an answer: their progress, which
/// servers may go on sending, is nothing that the client expects any more.
class EndedTokens {
 public:
  /// Remembers the token, JSON text; forgets the one remembered first if there are too many.
  void add(std::string_view token) {
    hashes_[next_] = hash_id(token);
    texts_[next_] = token;
    next_ = (next_ + 1) % kMaxEndedTokens;
  }

  /// O(kMaxEndedTokens), but it is asked only for progress that no open request has asked for.
  [[nodiscard]] bool has(std::string_view token) const {
    const std::uint64_t hash = hash_id(token);
    for (std::size_t i = 0; i < kMaxEndedTokens; ++i) {
      if (hashes_[i] == hash && !texts_[i].empty() && same_id(texts_[i], token)) return true;
    }
    return false;
  }

 private:
  std::array<std::uint64_t, kMaxEndedTokens> hashes_{};
  std::array<std::string, kMaxEndedTokens> texts_{};
  std::size_t next_ = 0;
};

}  // namespace stdiogate
