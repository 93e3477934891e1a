#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "stdiogate/clock.h"
#include "stdiogate/slot_pool.h"

namespace stdiogate {

/// What a watch wants to hear of its descriptor.
enum class Interest : std::uint8_t {
  nothing,  // not even a hangup
  hangup,   // only that the other end is gone
  read,     // bytes or end of file to read; a hangup too
  write,    // room to write; a hangup too
};

/// What is so of a descriptor now.
struct Ready {
  bool readable = false;
  bool writable = false;
  /// The other end is gone. There may still be bytes to read: `readable` says so.
  bool hangup = false;
};

/// One thread's loop: waits on descriptors and deadlines and calls whoever asked. Two reactors in
/// one process do not know of each other.
///
/// A turn waits, reads the clock once, calls the watches that are ready, then the timers that are
/// due, then what `on_turn_end` has set. A handler may make or destroy any watch or timer, its own
/// included; what is destroyed in a turn hears nothing more in it, and what is made hears nothing
/// yet.
class Reactor {
 public:
  class Watch;
  class Timer;

  /// The most watches one reactor can have. stdiogate itself needs 23: seven of its own, and four
  /// for each of at most four servers.
  static constexpr std::uint32_t kMaxWatches = 64;

  /// `clock` must outlive the reactor. Throws std::system_error if the kernel gives no epoll.
  explicit Reactor(Clock& clock);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// The time of this turn: read once, after the wait.
  [[nodiscard]] Time now() const { return now_; }

  /// Reads it anew: a step of this turn has taken long.
  void read_clock() { now_ = clock_.now(); }

  /// Waits until something is ready or due and handles it once. Waits forever if there is nothing
  /// to wait for. Throws std::system_error if the kernel refuses to wait.
  void turn();

  /// Every turn ends with this call, outside of all handlers.
  void on_turn_end(std::function<void()> handler) { on_turn_end_ = std::move(handler); }

  /// There is something left to do: the next turn does not wait.
  void again() { again_ = true; }

  /// Turns until `stop` is called.
  void run();

  /// Makes `run` return at the end of this turn.
  void stop() { stopped_ = true; }

 private:
  struct WatchEntry {
    int fd = -1;
    Interest interest = Interest::nothing;
    bool registered = false;    // the kernel knows of it
    bool always_ready = false;  // a kind the kernel cannot poll: a regular file, /dev/null
    std::function<void(Ready)> handler;
  };

  void apply(Handle handle, Interest interest);
  void tell_kernel(Handle handle, WatchEntry& watch, Interest interest);
  [[nodiscard]] int milliseconds_to_wait() const;
  void call(Handle watch, Ready ready);
  void call_always_ready();
  void call_due_timers();

  Clock& clock_;
  Time now_;
  int epoll_;
  bool stopped_ = false;
  bool again_ = false;
  std::function<void()> on_turn_end_;
  int always_ready_ = 0;  // watches of that kind that want to read or write
  SlotPool<WatchEntry> watches_;
  std::vector<Timer*> timers_;  // those that are set: few, since a turn looks at each
  std::uint64_t turns_ = 0;     // that have come to their timers
};

/// Interest in one descriptor, for as long as the object lives. The descriptor stays the caller's
/// and must be open until the watch is destroyed or wants nothing.
class Reactor::Watch {
 public:
  /// Wants nothing at first. `handler` is called from `turn`.
  /// Throws std::length_error beyond kMaxWatches.
  Watch(Reactor& reactor, int fd, std::function<void(Ready)> handler);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// From now on wants this. Asking for what is wanted already costs nothing.
  /// A hangup cannot be masked and is reported again in every turn: a handler that has heard it and
  /// cannot act on it yet must want `nothing`, or the loop spins.
  /// Throws std::system_error if the kernel cannot watch the descriptor for want of memory or
  /// because it is closed. One that cannot be polled (a regular file) counts as always ready.
  void want(Interest interest);

 private:
  Reactor& reactor_;
  Handle handle_;
};

/// One deadline. Not set at first.
class Reactor::Timer {
 public:
  /// `handler` is called from `turn`, once for each `set`.
  Timer(Reactor& reactor, std::function<void()> handler)
      : reactor_(reactor), handler_(std::move(handler)) {}
  ~Timer() { clear(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Calls the handler in the first turn that is at or after `deadline`, instead of at any deadline
  /// set before. A deadline that has passed is due in the next turn.
  void set(Time deadline);

  /// Forgets the deadline. Does nothing if none is set.
  void clear();

  [[nodiscard]] bool is_set() const { return deadline_.has_value(); }

 private:
  friend class Reactor;

  Reactor& reactor_;
  std::function<void()> handler_;
  std::optional<Time> deadline_;
  std::uint64_t set_in_ = 0;  // the reactor's count of turns then
};

}  // namespace stdiogate
