#include "tests/proof/simulation/script.h"

#include <string>

#include "tests/proof/fuzz/targets.h"
#include "tests/proof/simulation/world.h"

namespace stdiogate::fuzz {

namespace {

constexpr std::size_t kMaxSteps = 300;

/// Takes numbers of two bytes off the front of the input; zero when there is none left.
class Numbers {
 public:
  explicit Numbers(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  std::uint32_t next() { return byte() | byte() << 8; }

 private:
  std::uint32_t byte() {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<unsigned char>(bytes_[0]);
    bytes_.remove_prefix(1);
    return value;
  }

  std::string_view bytes_;
};

}  // namespace

void script(std::string_view input) {
  Numbers numbers(input);
  simulation::Script script;
  for (std::uint32_t& size : script.sizes)
    size = numbers.next();
  while (!numbers.empty() && script.steps.size() < kMaxSteps) {
    simulation::Step step;
    step.op = static_cast<simulation::Op>(numbers.next() % simulation::kOps);
    step.a = numbers.next();
    step.b = numbers.next();
    step.c = numbers.next();
    step.cut = numbers.next();
    script.steps.push_back(step);
  }
  const auto failure = simulation::World(script, false).run();
  must(!failure, failure.value_or("").c_str());
}

}  // namespace stdiogate::fuzz
