#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/proof/fuzz/targets.h"

// replay DIRECTORY: gives each target the files in the subdirectory of its name.
namespace {

const char* current = "";

/// A crash says which file it was.
void tell(int signal) {
  (void)!::write(2, current, std::strlen(current));
  (void)!::write(2, "\n", 1);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

struct Target {
  const char* name;
  void (*run)(std::string_view);
};

constexpr Target kTargets[] = {
    {"message", stdiogate::fuzz::message},
    {"lines", stdiogate::fuzz::lines},
    {"router", stdiogate::fuzz::router},
    {"script", stdiogate::fuzz::script},
};

std::size_t replay(const Target& target, const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    files.push_back(entry.path());
  std::ranges::sort(files);
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    current = path.c_str();
    target.run(bytes);
  }
  return files.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: replay DIRECTORY\n";
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE})
    ::signal(signal, tell);
  std::size_t count = 0;
  for (const Target& target : kTargets)
    count += replay(target, std::filesystem::path(argv[1]) / target.name);
  std::cout << "fuzz: " << count << " inputs of the corpus: nothing wrong\n";
}
