#include "tests/proof/lifecycle/world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "src/gate/proxy.h"
#include "src/process/launcher.h"
#include "tests/proof/lifecycle/current.h"
#include "tests/proof/lifecycle/lines.h"

extern "C" int __real_epoll_wait(int epoll, epoll_event* events, int room, int milliseconds);

namespace stdiogate::lifecycle {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMaxTurns = 2000;  // without a rest
constexpr int kMaxRests = 5000;
constexpr Duration kStill = seconds(10);  // all timeouts pass

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

}  // namespace

World::World(std::uint64_t seed, int steps, bool is_told, Totals& totals)
    : random_(seed), steps_left_(steps), is_told_(is_told), totals_(totals) {
  options_.router.max_in_flight = 1 + random_.below(6);
  options_.router.queue = random_.below(8);
  options_.router.queue_timeout = seconds(1);
  options_.router.timeout = seconds(2);
  options_.router.start_timeout = seconds(3);
  options_.drain = seconds(1);
  options_.grace = milliseconds(200);
  options_.signal_grace = milliseconds(300);
  options_.max_restarts = random_.below(4);
  options_.restart = static_cast<RestartMode>(random_.below(3));
  if (random_.one_in(3)) options_.idle_stop = seconds(1);
  options_.server.argv = {"server"};
  is_stopped_ = may_lose_ = random_.one_in(3);
  has_large_ = random_.one_in(3);
}

std::optional<std::string> World::run() {
  std::array<int, 2> in, out, signals;
  for (int* ends : {in.data(), out.data(), signals.data()}) {
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return "pipe2 failed";
  }
  to_gate_.reset(in[1]);
  from_gate_.reset(out[0]);
  signals_.reset(signals[1]);
  const Fd signalled(signals[0]);
  current = this;
  try {
    Reactor reactor(clock_);
    Fd told(is_told_ ? ::dup(STDOUT_FILENO) : ::open("/dev/null", O_WRONLY | O_CLOEXEC));
    Outlet err(reactor, Stream::own(std::move(told)));
    Log log(is_told_ ? LogLevel::debug : LogLevel::error, LogFormat::text, err);
    Launcher launcher(options_.server, {});
    Proxy proxy(options_, reactor, launcher, log, err);
    Reactor::Watch watch(reactor, signalled.get(), [&](Ready) {
      char signal = 0;
      if (::read(signalled.get(), &signal, 1) != 1) return;
      if (signal == SIGUSR2) return proxy.reload();
      if (ended_by_ == 0 && signal != SIGINT) ended_by_ = signal;
      proxy.on_signal(signal);
    });
    watch.want(Interest::read);
    const int status = proxy.run(Stream::own(Fd(in[0])), Stream::own(Fd(out[1])));
    note("the gate ends with " + std::to_string(status));
    check_end(status);
  } catch (const std::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

int World::wait(int epoll, epoll_event* events, int room, int timeout) {
  look();
  if (steps_left_ > 0) stall();
  const Time begin = clock_.now();
  for (;;) {
    if (steps_left_ > 0 && random_.one_in(4)) step();
    if (is_stopped_ && steps_left_ > 0 && random_.one_in(8)) return interrupted();
    const int ready = __real_epoll_wait(epoll, events, room, 0);
    if (ready != 0 || timeout == 0) {
      if (++turns_ > kMaxTurns) fail("the gate does not rest");
      return ready;
    }
    turns_ = 0;
    if (timeout > 0 && clock_.now() >= begin + milliseconds(timeout)) return 0;
    rest(timeout < 0 ? std::nullopt : std::optional(begin + milliseconds(timeout)));
  }
}

/// The gate may be late for its next turn, as on a busy machine, so that timers and descriptors are
/// ready in one turn. Where a limit has just begun it may well be over then.
void World::stall() {
  constexpr milliseconds kTimes[] = {milliseconds(600), milliseconds(300), milliseconds(30),
                                     milliseconds(5), milliseconds(1)};
  const bool has_begun = std::exchange(a_limit_begins_, false);
  if (random_.one_in(has_begun ? 2 : 32)) pass_time(kTimes[random_.below(has_begun ? 2 : 5)]);
}

/// As epoll_wait is when the gate was stopped and goes on: whatever has happened meanwhile.
int World::interrupted() {
  const Duration before = reading_time_;
  while (steps_left_ > 0 && !random_.one_in(8))
    step();
  reading_time_ = before;  // no timeout can come meanwhile
  errno = EINTR;
  return -1;
}

WatcherEnds World::start_server() {
  ++totals_.servers;
  const bool is_late = is_stopped_ && options_.idle_stop != Duration{};  // idle-stop may come first
  if (interrupted_server_ended_ && !has_asked_for_another_ && !is_late)
    fail("a server is started, but the last ended for SIGINT");
  if (!has_room()) fail("there are too many servers");
  Server::Owner& owner = *this;
  const int number = static_cast<int>(servers_.size()) + 1;
  return servers_.emplace_back(owner, number, random_.one_in(4)).gate_ends();
}

int World::servers_left() const {
  return static_cast<int>(std::count_if(servers_.begin(), servers_.end(),
                                        [](const Server& server) { return !server.is_gone(); }));
}

/// The gate waits, at most until then.
void World::rest(std::optional<Time> until) {
  if (++rests_ > kMaxRests) fail("the gate does not end");
  if (look()) return;  // there is room for more
  expect_outcomes();
  expect_another(until);
  if (steps_left_ > 0) return step();
  if (!still_until_) {
    note("all are still");
    still_until_ = clock_.now() + (random_.one_in(3) ? kStill : Duration::zero());
    reads_ = true;
    if (random_.one_in(2)) answer_all();
    if (has_large_ && random_.one_in(2)) close_client();  // and servers read nothing
    return;
  }
  if (clock_.now() < *still_until_) return rest_still(until);
  if (!asked_for_end_) {
    if (rested_) expect_stillness();
    note("all are polite from here on");
    asked_for_end_ = true;
    expect_answers();
    return close_client();
  }
  expect_end_of_input();
  if (be_polite()) return;
  if (!until) fail("the gate waits, and nothing will come");
  pass_time(std::max(*until - clock_.now(), Duration(milliseconds(1))));
}

void World::answer_all() {
  for (Server& server : servers_) {
    while (server.read() || server.answer(0) || server.write()) {
    }
  }
}

/// Time passes, and nobody does anything but what the gate asks for.
void World::rest_still(std::optional<Time> until) {
  rested_ = true;
  if (be_still()) return;
  const Time end = std::min(until.value_or(*still_until_), *still_until_);
  pass_time(std::max(end - clock_.now(), Duration(milliseconds(1))));
}

/// Nothing may be missed that can be seen before time goes on. Returns whether the client has
/// written or read.
bool World::look() {
  for (Server& server : servers_) {
    const bool had_ended = server.has_end_of_input();
    (void)server.dead_since(clock_.now());
    (void)server.deaf_since(clock_.now());
    if (had_ended || !server.end_of_input(clock_.now())) continue;
    expect_room_for(server, server.open_requests());
    expect_disuse(server);
  }
  const bool has_written = !unsent_.empty() && write_client();
  return (reads_ && read_client()) || has_written;
}

bool World::be_still() {
  bool done = false;
  for (Server& server : servers_)
    done = server.start(true) || server.obey() || server.end_helper() || done;
  return done;
}

bool World::be_polite() {
  bool done = false;
  for (Server& server : servers_)
    done = be_polite(server) || done;
  return done;
}

bool World::be_polite(Server& server) {
  bool done = server.start(true);
  while (server.read())
    done = true;
  while (server.answer(0) || server.write())
    done = true;
  if (server.obey() || server.end_helper()) return true;
  if (server.lives() && server.end_of_input(clock_.now()) && !server.has_open())
    done = server.exit(0, 0, Server::Leaves::nothing) || done;
  return done;
}

void World::pass_time(Duration time) {
  note(std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms pass");
  clock_.advance(time);
  // The gate waits for the rest of a line, and anew whenever it was late.
  const bool is_within_line = std::any_of(servers_.begin(), servers_.end(),
                                          [](const Server& one) { return one.is_within_line(); });
  if (reads_ && !is_within_line) reading_time_ += time;
}

Server* World::some_server() {
  if (servers_.empty()) return nullptr;
  // Mostly the newest: the others have nothing to say any more.
  std::uint32_t back =
      random_.one_in(3) ? random_.below(static_cast<std::uint32_t>(servers_.size())) : 0;
  return &*std::next(servers_.rbegin(), back);
}

void World::note(const std::string& what) const {
  if (is_told_) std::printf("%s\n", what.c_str());
}

}  // namespace stdiogate::lifecycle
