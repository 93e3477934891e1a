#include "tools/bench_lag.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace bench {

namespace {

constexpr std::string_view kAt = R"("at":)";
constexpr std::size_t kPortion = 10'000;
constexpr int kPortionMs = 10;
constexpr int kFirst = 60;  // portions until all that is on the way is full
constexpr int kCounted = 30;

/// Takes the whole lines off and hands over how old each is.
void take_lines(std::string& text, std::vector<double>& ages) {
  const auto now = SteadyClock::now().time_since_epoch();
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    std::int64_t at = 0;
    const std::size_t number = text.find(kAt, begin) + kAt.size();
    (void)std::from_chars(text.data() + number, text.data() + end, at);
    ages.push_back(
        std::chrono::duration<double, std::milli>(now - std::chrono::nanoseconds(at)).count());
  }
  text.erase(0, begin);
}

}  // namespace

double lag_ms(const Words& argv) {
  Path path(argv);
  std::string text;
  std::vector<double> ages;
  std::string portion(kPortion, '\0');
  auto next = SteadyClock::now();
  for (int i = 0; i < kFirst + kCounted; ++i) {
    next += std::chrono::milliseconds(kPortionMs);
    (void)path.wait(false);
    const ssize_t n = ::read(path.out(), portion.data(), kPortion);
    if (n > 0) text.append(portion, 0, static_cast<std::size_t>(n));
    if (i == kFirst) ages.clear();
    take_lines(text, ages);
    const auto rest =
        std::chrono::duration_cast<std::chrono::milliseconds>(next - SteadyClock::now());
    (void)::poll(nullptr, 0, std::max(0, static_cast<int>(rest.count())));
  }
  std::ranges::sort(ages);
  return ages.at(ages.size() / 2);
}

}  // namespace bench
