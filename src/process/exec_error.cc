#include "src/process/exec_error.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "src/process/exec_path.h"
#include "src/text.h"

namespace stdiogate {

namespace {

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
