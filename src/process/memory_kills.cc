#include "src/process/memory_kills.h"

#include <charconv>
#include <string_view>

#include "src/process/process_tree.h"

namespace stdiogate {

namespace {

/// The rest of the first line of a file that begins so; empty if there is none.
std::string line_after(const std::string& path, std::string_view begin) {
  const std::string text = "\n" + contents_of(path).value_or("");
  const std::size_t at = text.find("\n" + std::string(begin));
  if (at == std::string::npos) return "";
  const std::size_t from = at + 1 + begin.size();
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

std::uint64_t memory_kills(const std::string& root) {
  const std::string group = line_after(root + "/proc/self/cgroup", "0::");
  if (group.empty()) return 0;
  const std::string text =
      line_after(root + "/sys/fs/cgroup" + group + "/memory.events", "oom_kill ");
  std::uint64_t count = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace stdiogate
