#include "src/process/exec_error.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "src/text.h"

namespace stdiogate {

namespace {

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

/// The file execvp would have run; empty if there is none.
std::string path_of(const std::string& command) {
  if (command.find('/') != std::string::npos) return is_there(command) ? command : "";
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/bin:/usr/bin";
  while (true) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    std::string path(colon == 0 ? "." : rest.substr(0, colon));
    path.append("/").append(command);
    if (is_there(path)) return path;
    if (colon == rest.size()) return "";
    rest.remove_prefix(colon + 1);
  }
}

/// What stands behind #! in the file's first line, up to the first blank; empty if it is no script.
std::string interpreter_of(const std::string& path) {
  constexpr std::size_t kMaxLine = 256;
  std::ifstream file(path, std::ios::binary);
  std::string line(kMaxLine, '\0');
  file.read(line.data(), kMaxLine);
  line.resize(static_cast<std::size_t>(file.gcount()));
  line.resize(std::min(line.find('\n'), line.size()));
  if (!line.starts_with("#!")) return "";
  const std::size_t begin = std::min(line.find_first_not_of(" \t", 2), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
  return line.substr(begin, end - begin);
}

}  // namespace

NotStarted explain_not_started(const std::string& command, int error) {
  if (error != ENOENT) return {.status = 126, .reason = errno_text(error)};
  const std::string path = path_of(command);
  if (path.empty()) return {.status = 127, .reason = errno_text(error)};
  const std::string interpreter = interpreter_of(path);
  return {.status = 126,
          .reason = interpreter.empty() ? "what it needs to run does not exist"
                                        : "its interpreter '" + interpreter + "' does not exist"};
}

}  // namespace stdiogate
