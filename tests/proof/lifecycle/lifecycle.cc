#include <signal.h>
#include <sys/mman.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>

#include "tests/proof/lifecycle/world.h"
#include "tests/proof/simulation/shrink.h"

// Plays lives of a gate, each from a seed, until one goes wrong.
//
//     lifecycle SEEDS FIRST-SEED      SEEDS schedules, from that seed on ("fresh": any)
//     lifecycle --tell SEED           one of them, telling all that happens
namespace stdiogate::lifecycle {
namespace {

constexpr int kSteps = 150;
constexpr unsigned kSeconds = 3600;

int tell(std::uint64_t seed) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  Totals totals;
  const auto failure = World(seed, kSteps, true, totals).run();
  std::printf("lifecycle: %s\n", failure ? failure->c_str() : "nothing wrong");
  return failure ? 1 : 0;
}

/// Plays them all in a process of its own, which says in `at` how far it is.
int play(std::uint64_t seeds, std::uint64_t first) {
  void* shared = ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  auto* at = static_cast<volatile std::uint64_t*>(shared);
  const auto begin = std::chrono::steady_clock::now();
  const auto failure = simulation::run_apart(
      [&]() -> std::optional<std::string> {
        Totals totals;
        for (std::uint64_t i = 0; i < seeds; ++i) {
          *at = first + i;
          if (auto what = World(first + i, kSteps, false, totals).run()) return what;
        }
        std::cout << "lifecycle: " << totals.requests << " requests, " << totals.answers
                  << " answers, " << totals.errors << " errors, " << totals.servers << " servers, "
                  << totals.signals << " signals" << std::endl;
        return std::nullopt;
      },
      kSeconds);
  if (failure) {
    std::cout << "lifecycle: seed " << *at << " failed: " << *failure
              << "\nReplay: make lifecycle tell=" << *at << "\n";
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout << "lifecycle: " << seeds << " schedules of " << kSteps << " steps from seed " << first
            << ": nothing wrong; " << took.count() << " s\n";
  return 0;
}

int run(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: lifecycle SEEDS FIRST-SEED|fresh | lifecycle --tell SEED\n";
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  if (std::string_view(argv[1]) == "--tell") return tell(std::strtoull(argv[2], nullptr, 10));
  const bool fresh = std::string_view(argv[2]) == "fresh";
  return play(std::strtoull(argv[1], nullptr, 10),
              fresh ? std::random_device()() : std::strtoull(argv[2], nullptr, 10));
}

}  // namespace
}  // namespace stdiogate::lifecycle

int main(int argc, char** argv) {
  return stdiogate::lifecycle::run(argc, argv);
}
