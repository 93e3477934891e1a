#include "src/gate/secrets.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>

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

}  // namespace stdiogate
