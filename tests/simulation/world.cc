#include "simulation/world.h"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

namespace stdiogate::simulation {

using std::chrono::milliseconds;

namespace {

/// Bytes this process has allocated, where the system can tell.
std::size_t allocated() {
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 33)
  return ::mallinfo2().uordblks;
#endif
#endif
  return 0;
}

}  // namespace

World::World(const Script& script, bool trace)
    : allocated_before_(allocated()),
      script_(script),
      config_(config_of(script)),
      trace_(trace),
      model_(config_),
      actors_(model_, config_),
      counter_(config_.max_in_flight + Router::kReserve),
      router_(config_, to_client_, *this),
      client_(config_.max_line),
      server_(config_.max_line) {
  router_.connect(0, to_server_, false, now_);
}

std::optional<std::string> World::run() {
  for (std::size_t i = 0; i < script_.steps.size() && !failure_; ++i) {
    if (trace_) std::printf("-- step %zu\n", i + 1);
    play(script_.steps[i]);
    if (i % 4096 == 4095) check_memory();
  }
  if (trace_) std::printf("-- the end\n");
  if (!failure_) finish();
  return failure_;
}

void World::play(const Step& step) {
  switch (step.op) {
    case Op::pass_time: set_time(now_ + milliseconds(step.a % 50)); return advance();
    case Op::until_deadline:
      if (const auto deadline = model_.next_deadline())
        set_time(*deadline - (step.a % 4 == 0 ? Duration(1) : Duration(0)));
      return advance();
    case Op::late_timer: return set_time(now_ + milliseconds(step.a % 200));
    case Op::end: return end();
    default: return send(step);
  }
}

void World::set_time(Time time) {
  now_ = std::max(now_, time);
}

void World::advance() {
  show("time", std::to_string(now_.time_since_epoch().count()));
  model_.advance(now_);
  router_.advance(now_);
  compare(false);
  if (const auto next = router_.next_deadline(); next && *next <= now_)
    fail("the next deadline has passed already");
}

void World::end() {
  if (model_.ended()) return;
  show("end", "");
  const ServerEnd how{.status = 1};
  model_.end(now_);
  router_.end(Ending::server_gone, server_exited_error(how, "", true),
              server_exited_error(how, "", false), now_);
  compare(true);
}

/// Everything that has begun comes to its end.
void World::finish() {
  for (Source* source : {&client_, &server_})
    feed(*source, std::exchange(source->held, {}));
  for (int left = 10'000; left > 0 && model_.next_deadline() && !failure_; --left) {
    set_time(*model_.next_deadline());
    advance();
  }
  end();
  if (failure_) return;
  if (!client_.begun.empty() || !server_.begun.empty()) fail("a line has not come out");
  if (router_.in_flight() != 0 || router_.next_deadline()) fail("a request is left");
  const Statistics& counts = model_.counts;
  if (counts.requests !=
      counts.answers + counts.refused + counts.timed_out + counts.cancelled + model_.gone)
    fail("the model has lost a request");
}

// Bytes

void World::send(const Step& step) {
  Source& source = step.op < Op::server_answer ? client_ : server_;
  // A server that is gone says nothing new; what it had said may still arrive.
  if (&source == &server_ && model_.ended() &&
      (step.op == Op::server_request || step.op == Op::server_batch))
    return;
  source.begun.push_back(actors_.line(step));
  source.held += source.begun.back().line;
  source.held += step.cut % 16 == 0 ? "\r\n" : "\n";
  deliver(source, step.cut / 16);
}

/// The bytes arrive at once, in two pieces, byte by byte, or not all of them yet.
void World::deliver(Source& source, std::uint32_t cut) {
  std::string bytes = std::exchange(source.held, {});
  const std::size_t at = cut / 8 % bytes.size();
  switch (cut % 8) {
    case 0:
      feed(source, std::string_view(bytes).substr(0, at));
      return feed(source, std::string_view(bytes).substr(at));
    case 1:
      source.held = bytes.substr(at);
      bytes.resize(at);
      return feed(source, bytes);
    case 2:
      for (std::size_t i = 0; i < bytes.size() && cut / 8 % 16 == 0; ++i)
        feed(source, std::string_view(bytes).substr(i, 1));
      if (cut / 8 % 16 == 0) return;
      [[fallthrough]];
    default: return feed(source, bytes);
  }
}

void World::feed(Source& source, std::string_view bytes) {
  while (!bytes.empty() && !failure_) {
    const std::span<char> room = source.reader.room();
    const std::size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    source.reader.commit(n);
    bytes.remove_prefix(n);
    (&source == &client_ ? to_server_ : to_client_).lend(source.reader.buffered());
    while (const auto line = source.reader.next()) {
      judge(source, *line);
      if (failure_) return;
    }
  }
}

void World::judge(Source& source, const Line& line) {
  if (source.begun.empty()) return fail("a line out of nothing");
  const Sent sent = std::move(source.begun.front());
  source.begun.pop_front();
  const bool from_client = &source == &client_;
  show(from_client ? "client" : "server", sent.line);
  const bool overlong = sent.line.size() > config_.max_line;
  if (line.overlong != overlong) return fail("overlong, or not");
  if (line.bytes != std::string_view(sent.line).substr(0, config_.max_line))
    return fail("a line was not cut where it ends");
  if (from_client) {
    model_.client(sent, now_);
    router_.client_line(line, now_);
  } else {
    model_.server(sent, now_);
    router_.server_line(line, now_);
  }
  compare(true);
}

/// Whatever the peers do, there is no more than the slots, the queue and a few buffers. Only a long
/// schedule can fail here.
void World::check_memory() {
  constexpr std::size_t kBound = 8 << 20;
  const std::size_t of_model = 8 * (model_.wire_ids.capacity() + model_.server_wire_ids.capacity());
  if (allocated() > allocated_before_ + kBound + of_model) fail("memory grows");
}

void World::on_event(const Event& event) {
  counter_.on_event(event);
  told_of_duplicate_ += event.kind == EventKind::duplicate_id;
}

void World::fail(const std::string& what) {
  if (!failure_) failure_ = what;
  show("FAILED", what);
}

void World::show(const char* what, std::string_view line) const {
  if (trace_) std::printf("%12s  %.*s\n", what, static_cast<int>(line.size()), line.data());
}

}  // namespace stdiogate::simulation
