#include "stdiogate/reactor.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
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
  switch (interest) {
    case Interest::nothing:
    case Interest::hangup: return 0;  // the kernel adds EPOLLHUP and EPOLLERR by itself
    case Interest::read: return EPOLLIN;
    case Interest::write: return EPOLLOUT;
  }
  return 0;
}

std::uint32_t lowest(std::uint32_t bits) {
  return static_cast<std::uint32_t>(std::countr_zero(bits));
}

}  // namespace

Reactor::Reactor(Clock& clock)
    : clock_(clock),
      now_(clock.now()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      watches_(kMaxWatches),
      timers_(kMaxTimers) {
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
  now_ = clock_.now();
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
  std::optional<Time> first;
  for (std::uint32_t left = set_timers_; left != 0; left &= left - 1) {
    const TimerEntry& timer = *timers_.get(timers_.at(lowest(left)));
    if (!first || *timer.deadline < *first) first = timer.deadline;
  }
  if (!first) return -1;
  // Rounded up: waking before the deadline would only mean waiting again.
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*first - now_).count();
  return static_cast<int>(std::clamp<decltype(wait)>(wait, 0, std::numeric_limits<int>::max()));
}

void Reactor::call(Handle watch, Ready ready) {
  WatchEntry* entry = watches_.get(watch);
  if (!entry) return;  // destroyed by another handler of this turn
  const Interest interest = entry->interest;
  ready.readable = ready.readable && interest == Interest::read;
  ready.writable = ready.writable && interest == Interest::write;
  ready.hangup = ready.hangup && interest != Interest::nothing;
  if (!ready.readable && !ready.writable && !ready.hangup) return;
  // Held here while it runs: the handler may destroy its own watch.
  auto handler = std::move(entry->handler);
  handler(ready);
  entry = watches_.get(watch);
  if (entry) entry->handler = std::move(handler);
}

void Reactor::call_always_ready() {
  if (always_ready_ == 0) return;
  std::array<Handle, kMaxWatches> ready;  // noted first: a handler may add watches
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < kMaxWatches; ++i) {
    const WatchEntry* watch = watches_.get(watches_.at(i));
    if (watch && watch->always_ready) ready[count++] = watches_.at(i);
  }
  for (std::size_t i = 0; i < count; ++i)
    call(ready[i], {.readable = true, .writable = true});
}

void Reactor::call_due_timers() {
  std::array<Handle, kMaxTimers> due;  // noted first: one set to the past by a handler waits a turn
  std::size_t count = 0;
  for (std::uint32_t left = set_timers_; left != 0; left &= left - 1) {
    const Handle handle = timers_.at(lowest(left));
    if (*timers_.get(handle)->deadline <= now_) due[count++] = handle;
  }
  for (std::size_t i = 0; i < count; ++i) {
    TimerEntry* entry = timers_.get(due[i]);
    if (!entry || !entry->deadline || *entry->deadline > now_) continue;
    set_deadline(due[i], std::nullopt);
    auto handler = std::move(entry->handler);
    handler();
    entry = timers_.get(due[i]);
    if (entry) entry->handler = std::move(handler);
  }
}

void Reactor::set_deadline(Handle timer, std::optional<Time> deadline) {
  const std::uint32_t bit = std::uint32_t{1} << timer.index;
  timers_.get(timer)->deadline = deadline;
  set_timers_ = deadline ? set_timers_ | bit : set_timers_ & ~bit;
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
    // The only way not to be told of a hangup. Fails if the caller has closed it, which does as
    // well.
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

Reactor::Timer::Timer(Reactor& reactor, std::function<void()> handler)
    : reactor_(reactor), handle_(reactor.timers_.acquire()) {
  TimerEntry* entry = reactor_.timers_.get(handle_);
  if (!entry) throw std::length_error("more than Reactor::kMaxTimers timers");
  *entry = {.deadline = {}, .handler = std::move(handler)};
}

Reactor::Timer::~Timer() {
  reactor_.set_deadline(handle_, std::nullopt);
  reactor_.timers_.get(handle_)->handler = nullptr;
  reactor_.timers_.release(handle_);
}

void Reactor::Timer::set(Time deadline) {
  reactor_.set_deadline(handle_, deadline);
}

void Reactor::Timer::clear() {
  reactor_.set_deadline(handle_, std::nullopt);
}

bool Reactor::Timer::is_set() const {
  return reactor_.timers_.get(handle_)->deadline.has_value();
}

}  // namespace stdiogate
