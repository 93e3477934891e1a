#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stdiogate::lifecycle {

/// Takes the whole lines out of `bytes`.
inline std::vector<std::string> take_lines(std::string& bytes) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end; (end = bytes.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(bytes.substr(begin, end - begin));
  bytes.erase(0, begin);
  return lines;
}

/// The number behind the first `key` of a line.
inline std::optional<int> number_behind(const std::string& line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string::npos) return std::nullopt;
  return std::atoi(line.c_str() + at + key.size());
}

}  // namespace stdiogate::lifecycle
