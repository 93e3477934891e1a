#include "tests/proof/simulation/world.h"

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
      client_(config_.max_line) {
  start_server({});
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
    case Op::server_starts: return start_server(step);
    case Op::server_retires: return retire_server(step);
    case Op::server_ends: return end_server(step);
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
  router_.end(server_exited_error(how, "", true), server_exited_error(how, "", false), now_);
  compare(true);
}

/// Everything that has begun comes to its end.
void World::finish() {
  std::vector<Source*> sources = {&client_};
  for (auto& server : servers_) {
    if (server) sources.push_back(&*server);
  }
  for (Source* source : sources)
    feed(*source, std::exchange(source->held, {}));
  for (int left = 10'000; left > 0 && model_.next_deadline() && !failure_; --left) {
    set_time(*model_.next_deadline());
    advance();
  }
  end();
  if (failure_) return;
  if (std::ranges::any_of(sources, [](const Source* source) { return !source->begun.empty(); }))
    fail("a line has not come out");
  if (router_.in_flight() != 0 || router_.next_deadline()) fail("a request is left");
  const Statistics& counts = model_.counts;
  if (counts.requests !=
      counts.answers + counts.refused + counts.timed_out + counts.cancelled + model_.gone)
    fail("the model has lost a request");
}

// Servers

/// One that is connected, if there is one.
std::optional<Router::ServerNumber> World::some_server(const Step& step) const {
  std::uint32_t left = step.a / 5 + step.b / 3 + step.c;
  const auto count = static_cast<std::uint32_t>(std::ranges::count_if(
      servers_, [](const std::optional<Source>& server) { return server.has_value(); }));
  if (count == 0) return std::nullopt;
  left %= count;
  for (Router::ServerNumber i = 0; i < servers_.size(); ++i) {
    if (servers_[i] && left-- == 0) return i;
  }
  return std::nullopt;
}

void World::start_server(const Step& step) {
  const auto free = std::ranges::find(servers_, false, &std::optional<Source>::has_value);
  if (free == servers_.end() || model_.ended()) return;
  const auto server = static_cast<Router::ServerNumber>(free - servers_.begin());
  show("starts", std::to_string(server));
  free->emplace(config_.max_line).server = server;
  const bool must_answer = step.a % 2 == 1;
  model_.connect(server, must_answer, now_);
  router_.connect(server, to_servers_[server], must_answer, now_);
  compare(true);
}

void World::retire_server(const Step& step) {
  const auto server = some_server(step);
  if (!server) return;
  show("retires", std::to_string(*server));
  model_.retire(*server);
  router_.retire(*server);
  compare(true);
}

/// What it has begun to say is lost.
void World::end_server(const Step& step) {
  const auto server = some_server(step);
  if (!server) return;
  show("ends", std::to_string(*server));
  servers_[*server].reset();
  model_.disconnect(*server, now_);
  router_.disconnect(*server, server_exited_error({.status = 1}, "", true), now_);
  compare(true);
}

// Bytes

void World::send(const Step& step) {
  const bool from_client = is_of_client(step.op);
  const auto server = from_client ? std::nullopt : some_server(step);
  // A server that is gone says nothing new; what it had said may still arrive.
  const bool is_new = step.op == Op::server_request || step.op == Op::server_batch;
  if (!from_client && (!server || (model_.ended() && is_new))) return;
  Source& source = server ? *servers_[*server] : client_;
  source.begun.push_back(actors_.line(step, server.value_or(0)));
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
    while (const auto line = source.reader.next()) {
      judge(source, *line);
      if (failure_) return;
    }
  }
}

void World::judge(Source& source, const Line& line) {
  if (source.begun.empty()) return fail("a line out of nothing");
  if (!line.ends) {  // nothing is decided before its last piece
    source.overlong += line.bytes;
    hand_over(source, line);
    return compare(true);
  }
  const Sent sent = std::move(source.begun.front());
  source.begun.pop_front();
  show(source.server ? ("server " + std::to_string(*source.server)).c_str() : "client", sent.line);
  const bool overlong = sent.line.size() > config_.max_line;
  if (line.overlong != overlong) return fail("overlong, or not");
  if (std::exchange(source.overlong, {}).append(line.bytes) != sent.line)
    return fail("a line was not cut where it ends");
  if (source.server) {
    model_.server(sent, now_, *source.server);
  } else {
    model_.client(sent, now_);
  }
  hand_over(source, line);
  compare(true);
}

void World::hand_over(const Source& source, const Line& line) {
  if (source.server) {
    router_.server_line(line, now_, *source.server);
  } else {
    router_.client_line(line, now_);
  }
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
