#pragma once

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

/// Processes are known by what they inherit, wherever they go and whatever their pids are.
namespace testing {

constexpr const char* kMark = "STDIOGATE_TEST_MARK";

/// What is started while it lives has this mark in its environment.
class Mark {
 public:
  explicit Mark(const std::string& mark) { ::setenv(kMark, mark.c_str(), 1); }
  ~Mark() { ::unsetenv(kMark); }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;
};

/// Of a file in /proc; empty if its process has gone.
inline std::string proc_contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The processes that have this mark.
inline std::set<pid_t> marked(const std::string& mark) {
  std::set<pid_t> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || *end != '\0') continue;
    const std::string environment = '\0' + proc_contents(entry.path() / "environ");
    if (environment.find('\0' + std::string(kMark) + "=" + mark + '\0') != std::string::npos)
      pids.insert(pid);
  }
  return pids;
}

}  // namespace testing
