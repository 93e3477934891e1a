#pragma once

#include <string>
#include <string_view>

namespace stdiogate {

/// Where the path of a file leads: an absolute path that is no link, though there may be nothing
/// yet. Empty if it leads into /proc, as /dev/stderr and /dev/fd/3 do: a stream that somebody has
/// opened, which is written as it is, whatever file it is.
[[nodiscard]] std::string target_of(std::string_view path);

}  // namespace stdiogate
