#include "src/io/target.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <filesystem>
#include <system_error>

namespace stdiogate {

namespace fs = std::filesystem;

std::string target_of(std::string_view path) {
  constexpr int kMostLinks = 40;  // as in the kernel
  std::error_code error;
  fs::path file = fs::absolute(path, error);
  for (int links = 0; links < kMostLinks; ++links) {
    struct statfs system {};
    if (::statfs(file.parent_path().c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC)
      return {};
    if (!fs::is_symlink(file, error)) break;
    file = file.parent_path() / fs::read_symlink(file, error);
  }
  const fs::path whole = fs::weakly_canonical(file, error);
  return error ? file.string() : whole.string();
}

}  // namespace stdiogate
