#include "src/gate/secrets.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "src/limits.h"

namespace stdiogate {

namespace {

constexpr std::string_view kMask = "***";

bool names_secret(std::string_view name) {
  std::string upper(name);
  for (char& c : upper)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const char* word : {"KEY", "TOKEN", "SECRET", "PASS"}) {
    if (upper.find(word) != std::string::npos) return true;
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
    if (value.size() >= kShortestSecret && names_secret(variable.substr(0, equals)))
      values_.emplace_back(value);
  }
  std::sort(values_.begin(), values_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
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
