#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stdiogate {

/// The files that a command may mean, in the order to try them: the command itself if it has a
/// slash, else one in each directory of PATH.
[[nodiscard]] std::vector<std::string> files_of(std::string_view command);

/// PATH, or its default if it is not set.
[[nodiscard]] std::string_view search_path();

/// The file's first bytes; empty if it cannot be read.
[[nodiscard]] std::string head_of(const std::string& file);

/// Whether the file's first line holds a NUL byte: then it is no script.
[[nodiscard]] bool is_binary(const std::string& file);

}  // namespace stdiogate
