#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stdiogate {

/// Values of environment variables that must not reach the client: error messages with the server's
/// stderr are read by users and models. Those of variables whose names hold KEY, TOKEN, SECRET or
/// PASS; shorter ones than kShortestSecret could be any word.
class Secrets {
 public:
  /// `environment`: as in environ.
  explicit Secrets(const char* const* environment);

  /// The text with `***` for each of them.
  [[nodiscard]] std::string masked(std::string text) const;

  /// A text that was cut, without the value of which its end is the beginning: `masked` would not
  /// know it.
  [[nodiscard]] std::string_view without_cut_value(std::string_view text) const;

 private:
  std::vector<std::string> values_;  // the longest first: one may hold another
};

}  // namespace stdiogate
