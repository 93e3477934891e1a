#include "src/process/exec.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "src/io/fd.h"
#include "src/text.h"

namespace stdiogate {

namespace {

/// PATH, or its default if it is not set.
std::string_view search_path() {
  const char* path = std::getenv("PATH");
  return path ? path : "/bin:/usr/bin";
}

/// The file's first bytes; empty if it cannot be read.
std::string head_of(const std::string& file) {
  constexpr std::size_t kLooked = 256;  // what the kernel reads of a script's first line
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string head(kLooked, '\0');
  const ssize_t n = ::read(fd.get(), head.data(), head.size());
  head.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  return head;
}

/// The file that exec was about; empty if there is none.
std::string file_of(const std::string& command) {
  for (const std::string& file : files_of(command)) {
    if (::access(file.c_str(), F_OK) == 0) return file;
  }
  return "";
}

/// What follows #! in the file's first line, up to the first blank; empty if it is no script.
std::string interpreter_of(const std::string& path) {
  std::string line = head_of(path);
  line.resize(std::min(line.find('\n'), line.size()));
  if (!line.starts_with("#!")) return "";
  const std::size_t begin = std::min(line.find_first_not_of(" \t", 2), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
  return line.substr(begin, end - begin);
}

/// Of a relative path.
std::string nowhere_below_here() {
  std::error_code error;
  return errno_text(ENOENT) + " in " + std::filesystem::current_path(error).string() +
         "; hosts often start servers elsewhere: write the whole path";
}

std::string no_such_command(const std::string& command) {
  const std::string first = command.substr(0, command.find(' '));
  if (first != command && !file_of(first).empty())
    return "it is a whole command line in one word; pass each of its words as an argument";
  if (command.starts_with("~"))
    return "only shells expand ~; write the whole path of the home directory";
  if (command.starts_with('/')) return errno_text(ENOENT);
  if (command.find('/') != std::string::npos) return nowhere_below_here();
  return "not found in PATH, which is " + std::string(search_path());
}

std::string no_interpreter(const std::string& file) {
  std::string interpreter = interpreter_of(file);
  if (interpreter.empty())
    return "the loader it needs does not exist: it was made for another system";
  if (!interpreter.ends_with('\r')) return "its interpreter '" + interpreter + "' does not exist";
  interpreter.pop_back();
  return "its first line, '#!" + interpreter +
         "', ends with a carriage return; save it with Unix line ends";
}

std::string no_permission(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return errno_text(EACCES);
  if (S_ISDIR(info.st_mode)) return file + " is a directory; name the program in it";
  if ((info.st_mode & 0111) == 0) return file + " is not executable; see chmod +x";
  return errno_text(EACCES);
}

std::string no_format(const std::string& file) {
  return head_of(file).starts_with("\177ELF") ? "it is a program for another machine"
                                              : "it is neither a program nor a script";
}

}  // namespace

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

bool is_binary(const std::string& file) {
  const std::string head = head_of(file);
  return std::string_view(head).substr(0, head.find('\n')).find('\0') != std::string_view::npos;
}

NotStarted explain_not_started(const std::string& command, int error) {
  const std::string file = file_of(command);
  if (error == ENOENT && file.empty())
    return {.error = error, .status = 127, .reason = no_such_command(command)};
  std::string reason = errno_text(error);
  if (error == ENOENT) reason = no_interpreter(file);
  if (error == EACCES) reason = no_permission(file);
  if (error == ENOEXEC) reason = no_format(file);
  return {.error = error, .status = 126, .reason = std::move(reason)};
}

}  // namespace stdiogate
