#include "tools/bench_load.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "tools/bench_exchange.h"

namespace bench {

namespace {

constexpr std::string_view kTick = R"({"jsonrpc":"2.0","method":"tick","params":{"at":)";
constexpr std::string_view kLate = R"({"jsonrpc":"2.0","method":"late","params":{"by":)";
constexpr std::string_view kFlood =
    R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"flood"}})"
    "\n";
constexpr std::size_t kChunk = 256 * 1024;  // read at once, and written ahead at most

/// Lines to and from a path.
class Wire {
 public:
  explicit Wire(Path& path) : path_(path), buffer_(kChunk) {}

  std::string out;  // what is to be written

  /// Writes what goes, then waits for room or lines, unless all is written and there is `more` to
  /// write; `on_line` is called with each line that has come.
  template <class OnLine>
  void go_on(OnLine on_line, bool more = false) {
    write();
    if (empty() && more) return;
    if (path_.wait(!empty())) read(on_line);
  }

  [[nodiscard]] bool empty() const { return written_ == out.size(); }
  [[nodiscard]] bool has_room() const { return out.size() < kChunk; }

 private:
  void write() {
    const ssize_t n =
        empty() ? 0 : ::write(path_.in(), out.data() + written_, out.size() - written_);
    if (n < 0 && errno != EAGAIN) throw std::runtime_error("the path takes no more");
    if (n > 0) written_ += static_cast<std::size_t>(n);
    if (!empty()) return;
    out.clear();
    written_ = 0;
  }

  template <class OnLine>
  void read(OnLine on_line) {
    if (buffer_.size() - held_ < kChunk) buffer_.resize(2 * buffer_.size());
    const ssize_t n = ::read(path_.out(), buffer_.data() + held_, buffer_.size() - held_);
    if (n == 0) throw std::runtime_error("the path has ended");
    if (n < 0) return;
    const char* scanned = buffer_.data() + held_;
    const char* begin = buffer_.data();
    const char* end = scanned + n;
    while (const void* newline =
               std::memchr(scanned, '\n', static_cast<std::size_t>(end - scanned))) {
      scanned = static_cast<const char*>(newline) + 1;
      on_line(std::string_view(begin, static_cast<std::size_t>(scanned - begin - 1)));
      begin = scanned;
    }
    held_ = static_cast<std::size_t>(end - begin);
    std::memmove(buffer_.data(), begin, held_);
  }

  Path& path_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;  // the beginning of a line, at the buffer's front
  std::size_t written_ = 0;
};

float microseconds(SteadyClock::duration duration) {
  return std::chrono::duration<float, std::micro>(duration).count();
}

void keep_in_flight(const Load& load, Path& path, std::chrono::milliseconds duration,
                    Result& result) {
  Exchange exchange(load);
  Wire wire(path);
  std::vector<SteadyClock::time_point> asked;
  const auto begin = SteadyClock::now();
  const auto warm = begin + duration / 5;
  const auto end = warm + duration;
  // A server that holds answers back must not be left with less than it waits for.
  const std::size_t granule = std::max<std::size_t>(load.hold, 1);
  auto now = begin;
  const auto issues = [&] {
    const bool goes_on = now < end || exchange.issued() % granule != 0;
    return goes_on && exchange.in_flight() < load.window;
  };
  while (now < end || exchange.in_flight() > 0 || issues()) {
    while (issues() && wire.has_room())
      exchange.issue(wire.out);
    asked.clear();
    wire.go_on([&](std::string_view line) { exchange.take(line, asked); }, issues());
    now = SteadyClock::now();
    result.all_answers += static_cast<double>(asked.size());
    if (now < warm || now >= end) continue;
    result.answers += static_cast<double>(asked.size());
    for (const auto& time : asked)
      result.latencies_us.push_back(microseconds(now - time));
  }
  result.seconds = std::chrono::duration<double>(end - warm).count();
}

/// The number behind the beginning of a line.
std::chrono::nanoseconds time_in(std::string_view line, std::string_view beginning) {
  std::int64_t time = 0;
  std::from_chars(line.data() + beginning.size(), line.data() + line.size(), time);
  return std::chrono::nanoseconds(time);
}

void flood(Path& path, std::chrono::milliseconds duration, Result& result) {
  Wire wire(path);
  const auto begin = SteadyClock::now();
  for (auto now = begin; now < begin + duration; now = SteadyClock::now()) {
    while (wire.has_room())
      wire.out += kFlood;
    wire.go_on([&](std::string_view line) {
      const auto late = SteadyClock::now().time_since_epoch() - time_in(line, kTick);
      result.latencies_us.push_back(microseconds(late));
    });
  }
}

void be_flooded(Path& path, std::chrono::milliseconds duration, Result& result) {
  Wire wire(path);
  const auto begin = SteadyClock::now();
  auto next = begin;
  for (auto now = begin; now < begin + duration; now = SteadyClock::now()) {
    if (now >= next && wire.empty()) {
      const std::chrono::nanoseconds at = now.time_since_epoch();
      wire.out.append(kTick).append(std::to_string(at.count())).append("}}\n");
      next = now + std::chrono::milliseconds(1);
    }
    wire.go_on([&](std::string_view line) {
      if (line.starts_with(kLate))
        result.latencies_us.push_back(microseconds(time_in(line, kLate)));
    });
  }
}

}  // namespace

double Result::percentile(double percent) const {
  if (latencies_us.empty()) return 0;
  const auto last = static_cast<double>(latencies_us.size() - 1);
  return latencies_us[static_cast<std::size_t>(last * percent / 100)];
}

Result run(const Load& load, const Words& command, std::chrono::milliseconds duration) {
  const OneCore one_core(load.one_core);
  Path path(command);
  Result result;
  if (load.flood || load.flooded) {
    load.flood ? flood(path, duration, result) : be_flooded(path, duration, result);
    result.answers = result.all_answers = static_cast<double>(result.latencies_us.size());
    result.seconds = std::chrono::duration<double>(duration).count();
  } else {
    keep_in_flight(load, path, duration, result);
  }
  std::ranges::sort(result.latencies_us);
  result.peak_kib = path.peak_kib();
  result.cost = path.finish();
  return result;
}

void run_in_steps(const Load& load, const Words& command, std::size_t windows) {
  Path path(command);
  Exchange exchange(load);
  Wire wire(path);
  std::vector<SteadyClock::time_point> asked;
  for (std::size_t i = 0; i < windows; ++i) {
    while (exchange.in_flight() < load.window)
      exchange.issue(wire.out);
    while (exchange.in_flight() > 0)
      wire.go_on([&](std::string_view line) { exchange.take(line, asked); });
    asked.clear();
  }
  (void)path.finish();
}

double time_to_first_answer(const Words& command) {
  const auto begin = SteadyClock::now();
  Path path(command);
  const Load one;
  Exchange exchange(one);
  Wire wire(path);
  std::vector<SteadyClock::time_point> asked;
  exchange.issue(wire.out);
  while (exchange.in_flight() > 0)
    wire.go_on([&](std::string_view line) { exchange.take(line, asked); });
  const std::chrono::duration<double, std::milli> time = SteadyClock::now() - begin;
  (void)path.finish();
  return time.count();
}

}  // namespace bench
