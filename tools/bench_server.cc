// A server for `make bench` that costs as little as one can: bench_server [notify N | hold N |
// tick | stream | flood]
//
// It knows the shape of the requests of bench_load.cc and answers each with its params as the
// result. All else is read and thrown away.
//
//     notify N    N notifications before each answer
//     hold N      no answer before N requests wait for one
//     tick        a notification each millisecond that says when it was sent; no answers
//     stream      notifications without end, as large as log lines are, that say when they were sent
//     flood       notifications without end, among them how late each tick of the client was

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::string_view kRequest = R"({"jsonrpc":"2.0","id":)";
constexpr std::string_view kParams = R"("params":)";
constexpr std::string_view kNote =
    R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"note"}})"
    "\n";
constexpr std::string_view kTick = R"({"jsonrpc":"2.0","method":"tick","params":{"at":)";
constexpr std::size_t kChunk = 64 * 1024;

using Clock = std::chrono::steady_clock;

/// Appends the answer to the request at the front of `text`. Returns the request's length, 0 if
/// there is none.
std::size_t answer(std::string& out, std::string_view text, bool alone) {
  if (!text.starts_with(kRequest)) return 0;
  const std::size_t id_end = text.find(',', kRequest.size());
  const std::size_t params = text.find(kParams, id_end) + kParams.size();
  // Looked for in an array only: what is sent alone may be a megabyte.
  const std::size_t end = alone ? text.size() - 1 : text.find("\"}}", params) + 2;
  out.append(text.substr(0, id_end)).append(R"(,"result":)");
  out.append(text.substr(params, end - params)).append("}");
  return end + 1;
}

void answer_array(std::string& out, std::string_view line) {
  out += '[';
  line.remove_prefix(1);
  while (const std::size_t length = answer(out, line, false)) {
    line.remove_prefix(length + 1);
    out += line.empty() ? ']' : ',';
  }
  out += '\n';
}

struct Mode {
  unsigned long notes = 0;  // before each answer
  unsigned long hold = 0;   // this many answers back
};

/// Returns how many requests it has answered.
unsigned handle(std::string& out, std::string_view line, const Mode& mode) {
  if (line.starts_with('[')) {
    answer_array(out, line);
    return 1;
  }
  if (!line.starts_with(kRequest)) return 0;
  for (unsigned long i = 0; i < mode.notes; ++i)
    out += kNote;
  (void)answer(out, line, true);
  out += '\n';
  return 1;
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Answers until the other side closes: one write for each read.
void serve(const Mode& mode) {
  std::vector<char> buffer(4 * kChunk);
  std::string out;
  unsigned long answers = 0;  // in it
  std::size_t held = 0;       // the beginning of a line, at the buffer's front
  for (;;) {
    if (buffer.size() - held < kChunk) buffer.resize(2 * buffer.size());
    const ssize_t n = ::read(STDIN_FILENO, buffer.data() + held, buffer.size() - held);
    if (n <= 0) return;
    const std::size_t end = held + static_cast<std::size_t>(n);
    std::size_t begin = 0;
    std::size_t scanned = held;
    while (const void* newline = std::memchr(buffer.data() + scanned, '\n', end - scanned)) {
      scanned = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer.data());
      answers += handle(out, {buffer.data() + begin, scanned - begin}, mode);
      begin = ++scanned;
    }
    held = end - begin;
    std::memmove(buffer.data(), buffer.data() + begin, held);
    if (answers < mode.hold) continue;
    if (!write_all(out)) return;
    out.clear();
    answers = 0;
  }
}

/// Reads and throws away, and writes the time each millisecond.
void tick() {
  std::vector<char> buffer(kChunk);
  auto next = Clock::now();
  for (;;) {
    const auto now = Clock::now();
    if (now >= next) {
      const auto at = std::chrono::nanoseconds(now.time_since_epoch()).count();
      if (!write_all(std::string(kTick) + std::to_string(at) + "}}\n")) return;
      next = now + std::chrono::milliseconds(1);
    }
    pollfd in{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&in, 1, 1) <= 0) continue;
    if (::read(STDIN_FILENO, buffer.data(), buffer.size()) <= 0) return;
  }
}

/// Writes ticks of 1 KiB, one at a time, as fast as they are taken.
void stream() {
  const std::string pad = R"(,"data":")" + std::string(1000, 'x') + "\"}}\n";
  for (;;) {
    const auto at = std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
    if (!write_all(std::string(kTick) + std::to_string(at) + pad)) return;
  }
}

/// Reads ticks, one at a time as they come, and hands over how late each is.
template <class OnLate>
void read_ticks(OnLate on_late) {
  char line[256];
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, line, sizeof line);
    if (n <= 0) return;
    const auto now = Clock::now().time_since_epoch();
    std::int64_t at = 0;
    if (std::string_view(line, static_cast<std::size_t>(n)).starts_with(kTick))
      std::from_chars(line + kTick.size(), line + n, at);
    if (at != 0) on_late(now - std::chrono::nanoseconds(at));
  }
}

/// Ticks are read beside the flood: who writes it waits for its reader.
void flood() {
  std::mutex guard;
  std::string late;
  std::atomic<bool> ended = false;
  std::thread reader([&] {
    read_ticks([&](Clock::duration by) {
      const std::lock_guard lock(guard);
      late += R"({"jsonrpc":"2.0","method":"late","params":{"by":)" +
              std::to_string(std::chrono::nanoseconds(by).count()) + "}}\n";
    });
    ended = true;
  });
  std::string notes;
  while (notes.size() < kChunk)
    notes += kNote;
  while (!ended && write_all(notes)) {
    std::unique_lock lock(guard);
    const std::string lines = std::exchange(late, {});
    lock.unlock();
    if (!write_all(lines)) break;
  }
  reader.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  const unsigned long number = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (word == "tick") {
    tick();
  } else if (word == "stream") {
    stream();
  } else if (word == "flood") {
    flood();
  } else {
    serve({.notes = word == "notify" ? number : 0, .hold = word == "hold" ? number : 0});
  }
  return 0;
}
