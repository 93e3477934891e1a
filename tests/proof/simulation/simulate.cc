#include <sys/mman.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/proof/simulation/script.h"
#include "tests/proof/simulation/shrink.h"
#include "tests/proof/simulation/world.h"

// Plays schedules, each from a seed, until one fails; that one is made short and kept as a script
// beside this program.
//
//     simulate SEEDS FIRST-SEED [STEPS]     SEEDS schedules, from that seed on ("fresh": any)
//     simulate --replay FILE                one script, telling all that happens
namespace stdiogate::simulation {
namespace {

constexpr std::size_t kSteps = 200;
constexpr unsigned kSecondsForOne = 20;  // far more than a schedule takes
constexpr unsigned kSecondsForAll = 3600;

std::optional<std::string> play(const Script& script, bool trace) {
  return World(script, trace).run();
}

std::optional<std::string> play_apart(const Script& script) {
  return run_apart([&] { return play(script, false); }, kSecondsForOne);
}

int replay(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto script = parse_script(text.str());
  if (!script) {
    std::cerr << "simulate: " << path << " is no script\n";
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // what was told is told, even if it crashes
  const auto failure = play(*script, true);
  std::printf("%s\n", failure ? ("simulate: " + *failure).c_str() : "simulate: nothing is wrong");
  return failure ? 1 : 0;
}

int tell(const std::filesystem::path& directory, std::uint64_t seed, std::size_t steps) {
  Script script = script_of(seed, steps);
  const auto failure = play_apart(script);
  std::cout << "simulate: seed " << seed << " failed: " << failure.value_or("not again")
            << std::endl;
  script = shrunk(std::move(script), [](const Script& shorter) { return !!play_apart(shorter); });
  const std::string path = directory / ("simulation-" + std::to_string(seed) + ".script");
  std::ofstream(path) << text_of(script);
  std::cout << text_of(script)
            << "simulate: that fails: " << play_apart(script).value_or("not again")
            << "\nReplay: make simulate replay=" << path << "\n";
  return 1;
}

/// Plays them all in a process of its own, which says in `at` how far it is.
int play_all(const std::filesystem::path& directory, std::uint64_t seeds, std::uint64_t first,
             std::size_t steps) {
  void* shared = ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  auto* at = static_cast<volatile std::uint64_t*>(shared);
  const auto begin = std::chrono::steady_clock::now();
  const auto failure = run_apart(
      [&]() -> std::optional<std::string> {
        for (std::uint64_t i = 0; i < seeds; ++i) {
          *at = first + i;
          if (auto what = play(script_of(first + i, steps), false)) return what;
        }
        return std::nullopt;
      },
      kSecondsForAll);
  if (failure) return tell(directory, *at, steps);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("simulate: %llu schedules of %zu steps from seed %llu: nothing wrong; %.1f s\n",
              static_cast<unsigned long long>(seeds), steps, static_cast<unsigned long long>(first),
              took.count());
  return 0;
}

int run(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--replay") return replay(argv[2]);
  if (argc < 3) {
    std::cerr << "usage: simulate SEEDS FIRST-SEED|fresh [STEPS] | simulate --replay FILE\n";
    return 2;
  }
  const bool fresh = std::string_view(argv[2]) == "fresh";
  const std::uint64_t first = fresh ? std::random_device()() : std::strtoull(argv[2], nullptr, 10);
  const std::size_t steps = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : kSteps;
  return play_all(std::filesystem::path(argv[0]).parent_path(), std::strtoull(argv[1], nullptr, 10),
                  first, steps);
}

}  // namespace
}  // namespace stdiogate::simulation

int main(int argc, char** argv) {
  return stdiogate::simulation::run(argc, argv);
}
