#include "src/gate/secrets.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "src/limits.h"

namespace stdiogate {

namespace {

constexpr std::string_view kMask = "***";

/// In any case.
bool names_secret(const std::string& name) {
  for (const char* word : {"KEY", "TOKEN", "SECRET", "PASS"}) {
    if (::strcasestr(name.c_str(), word)) return true;
  }
  return false;
}

}  // namespace

Secrets::Secrets(const char* const* environment) {
  for (; *environment; ++environment) {
    const std::string_view variable = *environment;
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view value = variable.substr(equals + 1);
    if (value.size() >= kShortestSecret && names_secret(std::string(variable.substr(0, equals))))
      values_.emplace_back(value);
  }
  std::ranges::sort(values_, std::greater(), [](const auto& value) { return value.size(); });
}

std::string Secrets::masked(std::string text) const {
  for (const std::string& value : values_) {
    for (auto at = text.find(value); at != std::string::npos;
         at = text.find(value, at + kMask.size()))
      text.replace(at, value.size(), kMask);
  }
  return text;
}

std::string_view Secrets::without_cut_value(std::string_view text) const {
  std::size_t longest = 0;
  for (const std::string& value : values_) {
    std::size_t begun = std::min(value.size(), text.size());
    while (begun > longest && !text.ends_with(std::string_view(value).substr(0, begun)))
      --begun;
    longest = std::max(longest, begun);
  }
  return text.substr(0, text.size() - longest);
}

}  // namespace stdiogate
