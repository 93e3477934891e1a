#pragma once

#include <string>
#include <string_view>

namespace stdiogate {

inline constexpr std::string_view kVersion = STDIOGATE_VERSION;

/// What --help can be asked about.
inline constexpr std::string_view kHelpTopics[] = {"errors", "statistics", "limits", "trace"};

/// Usage and options, on one screen.
[[nodiscard]] std::string help_text();

/// The table of a topic, one of kHelpTopics.
[[nodiscard]] std::string help_text(std::string_view topic);

}  // namespace stdiogate
