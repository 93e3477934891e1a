#include "src/process/exec_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "src/io/fd.h"

namespace stdiogate {

std::string_view search_path() {
  const char* path = std::getenv("PATH");
  return path ? path : "/bin:/usr/bin";
}

std::vector<std::string> files_of(std::string_view command) {
  if (command.find('/') != std::string_view::npos) return {std::string(command)};
  std::vector<std::string> files;
  if (command.empty()) return files;
  for (std::string_view rest = search_path();;) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string_view directory = colon == 0 ? "." : rest.substr(0, colon);
    files.push_back(std::string(directory).append("/").append(command));
    if (colon == rest.size()) return files;
    rest.remove_prefix(colon + 1);
  }
}

std::string head_of(const std::string& file) {
  constexpr std::size_t kLooked = 256;  // what the kernel reads of a script's first line
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string head(kLooked, '\0');
  const ssize_t n = ::read(fd.get(), head.data(), head.size());
  head.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  return head;
}

bool is_binary(const std::string& file) {
  const std::string head = head_of(file);
  return std::string_view(head).substr(0, head.find('\n')).find('\0') != std::string_view::npos;
}

}  // namespace stdiogate
