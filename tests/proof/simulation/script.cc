#include "tests/proof/simulation/script.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "tests/proof/simulation/random.h"
#include "tests/proof/simulation/sent.h"

namespace stdiogate::simulation {

namespace {

struct OpInfo {
  std::string_view name;
  std::uint32_t weight;  // how often, against the others
};

constexpr std::array<OpInfo, kOps> kInfo = {{
    {"client-request", 300},
    {"client-cancel", 60},
    {"client-soft-cancel", 15},
    {"client-notification", 40},
    {"client-answer", 60},
    {"client-invalid", 30},
    {"client-batch", 40},
    {"client-blank", 5},
    {"client-giant", 8},
    {"server-answer", 250},
    {"server-late-answer", 40},
    {"server-stray-answer", 15},
    {"server-notification", 40},
    {"server-progress", 40},
    {"server-request", 60},
    {"server-flood", 1},
    {"server-cancel", 25},
    {"server-soft-cancel", 10},
    {"server-noise", 25},
    {"server-batch", 20},
    {"server-anonymous-error", 5},
    {"server-giant", 8},
    {"pass-time", 60},
    {"until-deadline", 30},
    {"late-timer", 10},
    {"end", 1},
    {"client-initialized", 15},
    {"server-starts", 25},
    {"server-retires", 4},
    {"server-ends", 12},
}};

using std::chrono::milliseconds;

/// Timeouts in milliseconds: zero is for ever.
constexpr std::uint32_t kTimeouts[] = {0, 1, 20, 100, 1000, 60'000};

std::array<std::uint32_t, 10> random_sizes(Random& random) {
  const auto either = [&](std::uint32_t small, std::uint32_t large) {
    return random.one_in(2) ? random.below(small) : random.below(large);
  };
  std::array<std::uint32_t, 10> sizes{};
  sizes[0] = 1 + either(4, 40);
  for (std::size_t i = 1; i <= 5; ++i)
    sizes[i] = kTimeouts[random.below(std::size(kTimeouts))];
  // Often a little above the timeout, so that progress gets there.
  if (random.one_in(2)) sizes[2] = sizes[1] + random.below(sizes[1] + 2);
  sizes[6] = random.one_in(2) ? 0 : either(4, 30);
  sizes[7] = 1 + either(30, 2000);
  sizes[8] = random.one_in(4) ? 100 + random.below(1000) : 1 << 20;
  sizes[9] = random.one_in(4) ? 256 + random.below(2000) : 1 << 20;
  return sizes;
}

}  // namespace

RouterConfig config_of(const Script& script) {
  const auto& sizes = script.sizes;
  RouterConfig config;
  config.max_in_flight = std::clamp(sizes[0], 1u, 1000u);
  config.timeout = milliseconds(sizes[1]);
  config.max_timeout = milliseconds(sizes[2]);
  config.start_timeout = milliseconds(sizes[3]);
  config.timeout_rules = {{"prompts/get", milliseconds(sizes[4])},
                          {"tools/call:slow", milliseconds(sizes[5])}};
  config.queue = std::min(sizes[6], 1000u);
  config.queue_timeout = milliseconds(std::max(sizes[7], 1u));
  config.queue_bytes = sizes[8];
  config.max_line = sizes[9] < kSmallMaxLine ? std::max(sizes[9], 256u) : 1u << 20;
  return config;
}

Script script_of(std::uint64_t seed, std::size_t steps) {
  Random random(seed);
  Script script{.sizes = random_sizes(random)};
  // Each seed does some things often and some not at all: faults hide where one thing is frequent.
  std::array<std::uint32_t, kOps> until{};
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kOps; ++i) {
    constexpr std::uint32_t kFactor[] = {0, 1, 1, 1, 4};
    const bool base = i == static_cast<std::size_t>(Op::client_request);
    sum += kInfo[i].weight * (base ? 1 : kFactor[random.below(5)]);
    until[i] = sum;
  }
  const bool fill_reserve = random.one_in(8);
  script.steps.resize(steps);
  for (Step& step : script.steps) {
    const auto chosen = std::ranges::upper_bound(until, random.below(sum));
    step.op = static_cast<Op>(chosen - until.begin());
    const std::uint64_t bits = random.next();
    const auto part = [&](int shift) { return static_cast<std::uint32_t>(bits >> shift & 0xffff); };
    step.a = part(0);
    step.b = part(16);
    step.c = part(32);
    step.cut = part(48);
    if (fill_reserve && step.op == Op::client_request) step.b = step.b / kMethods * kMethods + 4;
  }
  return script;
}

std::string text_of(const Script& script) {
  std::ostringstream out;
  out << "config";
  for (const std::uint32_t number : script.sizes)
    out << ' ' << number;
  for (const Step& step : script.steps) {
    out << '\n' << kInfo[static_cast<std::size_t>(step.op)].name << ' ' << step.a << ' ' << step.b;
    out << ' ' << step.c << ' ' << step.cut;
  }
  out << '\n';
  return out.str();
}

std::optional<Script> parse_script(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::string word;
  Script script;
  in >> word;
  for (std::uint32_t& number : script.sizes)
    in >> number;
  if (!in || word != "config") return std::nullopt;
  while (in >> word) {
    const auto known = std::ranges::find(kInfo, word, &OpInfo::name);
    Step step;
    in >> step.a >> step.b >> step.c >> step.cut;
    if (!in || known == kInfo.end()) return std::nullopt;
    step.op = static_cast<Op>(known - kInfo.begin());
    script.steps.push_back(step);
  }
  return script;
}

}  // namespace stdiogate::simulation
