#include "stdiogate/reactor.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <system_error>

namespace stdiogate {

namespace {

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

std::uint32_t mask_of(Interest interest) {
  if (interest == Interest::read) return EPOLLIN;
  if (interest == Interest::write) return EPOLLOUT;
  return 0;  // the kernel adds EPOLLHUP and EPOLLERR by itself
}

}  // namespace

Reactor::Reactor(Clock& clock)
    : clock_(clock),
      now_(clock.now()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      watches_(kMaxWatches) {
  if (epoll_ < 0) fail("epoll_create1");
}

Reactor::~Reactor() {
  ::close(epoll_);
}

void Reactor::run() {
  stopped_ = false;
  while (!stopped_)
    turn();
}

void Reactor::turn() {
  std::array<epoll_event, kMaxWatches> events;
  const int count =
      ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds_to_wait());
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  again_ = false;
  read_clock();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    call(watches_.handle(event.data.u64), {.readable = (event.events & EPOLLIN) != 0,
                                           .writable = (event.events & EPOLLOUT) != 0,
                                           .hangup = (event.events & (EPOLLHUP | EPOLLERR)) != 0});
  }
  call_always_ready();
  call_due_timers();
  if (on_turn_end_) on_turn_end_();
}

int Reactor::milliseconds_to_wait() const {
  if (again_ || always_ready_ > 0) return 0;
  if (timers_.empty()) return -1;
  Time first = Time::max();
  for (const Timer* timer : timers_)
    first = std::min(first, *timer->deadline_);
  // Rounded up: waking before the deadline would only mean waiting again.
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(first - now_).count();
  return static_cast<int>(std::clamp<decltype(wait)>(wait, 0, std::numeric_limits<int>::max()));
}

void Reactor::call(Handle watch, Ready ready) {
  const WatchEntry* entry = watches_.get(watch);
  if (!entry) return;  // destroyed by another handler of this turn
  const Interest interest = entry->interest;
  ready.readable = ready.readable && interest == Interest::read;
  ready.writable = ready.writable && interest == Interest::write;
  ready.hangup = ready.hangup && interest != Interest::nothing;
  if (!ready.readable && !ready.writable && !ready.hangup) return;
  const auto handler = entry->handler;  // a copy: it may destroy its own watch
  handler(ready);
}

void Reactor::call_always_ready() {
  if (always_ready_ == 0) return;
  std::vector<Handle> ready;  // noted first: a handler may add watches
  for (std::uint32_t i = 0; i < kMaxWatches; ++i) {
    const WatchEntry* watch = watches_.get(watches_.at(i));
    if (watch && watch->always_ready) ready.push_back(watches_.at(i));
  }
  for (const Handle watch : ready)
    call(watch, {.readable = true, .writable = true});
}

void Reactor::call_due_timers() {
  ++turns_;
  const auto is_due = [this](const Timer* timer) {
    return *timer->deadline_ <= now_ && timer->set_in_ < turns_;  // one set meanwhile waits a turn
  };
  // Looked for anew each time: a handler may set, clear or destroy any of them.
  for (;;) {
    const auto due = std::find_if(timers_.begin(), timers_.end(), is_due);
    if (due == timers_.end()) return;
    Timer& timer = **due;
    timer.clear();
    const auto handler = timer.handler_;  // a copy: it may destroy its own timer
    handler();
  }
}

void Reactor::apply(Handle handle, Interest interest) {
  WatchEntry& watch = *watches_.get(handle);
  if (watch.interest == interest) return;
  if (!watch.always_ready) tell_kernel(handle, watch, interest);
  if (watch.always_ready) {
    always_ready_ += (mask_of(interest) != 0) - (mask_of(watch.interest) != 0);
  }
  watch.interest = interest;
}

void Reactor::tell_kernel(Handle handle, WatchEntry& watch, Interest interest) {
  epoll_event event{.events = mask_of(interest), .data = {.u64 = watches_.number(handle)}};
  if (interest == Interest::nothing) {
    // The only way to stop reports of a hangup. Fails if the caller has closed the descriptor,
    // which removes it just as well.
    if (watch.registered) (void)::epoll_ctl(epoll_, EPOLL_CTL_DEL, watch.fd, &event);
    watch.registered = false;
    return;
  }
  const int operation = watch.registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (::epoll_ctl(epoll_, operation, watch.fd, &event) == 0) {
    watch.registered = true;
  } else if (errno == EPERM) {
    watch.always_ready = true;
  } else {
    fail("epoll_ctl");
  }
}

Reactor::Watch::Watch(Reactor& reactor, int fd, std::function<void(Ready)> handler)
    : reactor_(reactor), handle_(reactor.watches_.acquire()) {
  WatchEntry* entry = reactor_.watches_.get(handle_);
  if (!entry) throw std::length_error("more than Reactor::kMaxWatches watches");
  *entry = {.fd = fd, .handler = std::move(handler)};
}

Reactor::Watch::~Watch() {
  want(Interest::nothing);
  WatchEntry* entry = reactor_.watches_.get(handle_);
  entry->handler = nullptr;
  reactor_.watches_.release(handle_);
}

void Reactor::Watch::want(Interest interest) {
  reactor_.apply(handle_, interest);
}

void Reactor::Timer::set(Time deadline) {
  if (!deadline_) reactor_.timers_.push_back(this);
  deadline_ = deadline;
  set_in_ = reactor_.turns_;
}

void Reactor::Timer::clear() {
  if (deadline_) std::erase(reactor_.timers_, this);
  deadline_.reset();
}

}  // namespace stdiogate
