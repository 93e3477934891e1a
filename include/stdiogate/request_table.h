#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "stdiogate/clock.h"
#include "stdiogate/message.h"

namespace stdiogate {

struct GateError;
struct Request;

/// How a request ended. Exactly one of these for each.
enum class Ending : std::uint8_t {
  answered,       // the other side answered, with a result or an error
  timed_out,      // no answer by the deadline
  refused,        // there was no slot for it
  cancelled,      // by the side that sent it: nobody waits any more
  server_gone,    // the server ended first
  shutting_down,  // the gate ended first
};

/// What a continuation is told. The views and pointers are good during the call.
struct Outcome {
  Ending ending = Ending::answered;
  /// The line that answers and what it says. Empty and null if there is none to pass on.
  std::string_view line{};
  const Message* answer = nullptr;
  /// What to tell the asker instead. Null if there is an answer, or the asker has cancelled.
  const GateError* error = nullptr;
};

/// What to do with the outcome of one request: any callable that takes `(const Request&, const
/// Outcome&)`, is trivially copyable and fits into kRoom. It lives in the slot, so that opening a
/// request allocates nothing.
class Continuation {
 public:
  static constexpr std::size_t kRoom = 24;

  /// Does nothing.
  Continuation() : Continuation([](const Request&, const Outcome&) {}) {}

  template <class F,
            class = std::enable_if_t<std::is_invocable_v<F&, const Request&, const Outcome&>>>
  Continuation(F f) {  // not explicit: a callable is a continuation
    static_assert(sizeof(F) <= kRoom && alignof(F) <= alignof(void*));
    static_assert(std::is_trivially_copyable_v<F>);
    new (room_) F(f);
    call_ = [](void* room, const Request& request, const Outcome& outcome) {
      (*std::launder(static_cast<F*>(room)))(request, outcome);
    };
  }

  void operator()(const Request& request, const Outcome& outcome) {
    call_(room_, request, outcome);
  }

 private:
  alignas(void*) unsigned char room_[kRoom] = {};
  void (*call_)(void* room, const Request& request, const Outcome& outcome);
};

/// What a slot keeps of one unanswered request.
struct Request {
  /// The id as the asker wrote it: JSON text.
  [[nodiscard]] std::string_view id() const { return std::string_view(text).substr(0, id_length); }
  /// The progress token it asked for, as written; empty if none.
  [[nodiscard]] std::string_view token() const { return std::string_view(text).substr(id_length); }

  std::uint64_t wire_id = 0;
  std::uint64_t sequence = 0;  // grows from one arrival to the next
  Time start;
  std::uint32_t method = 0;  // the caller's number for it
  bool may_use_reserve : 1 = false;
  bool in_reserve : 1 = false;  // which limit it counts against
  std::uint8_t server = 0;      // the caller's number for the server that has it or has sent it
  std::uint16_t id_length = 0;
  std::string text;  // id and token, one behind the other
  Continuation continuation;
};

/// Who waits for an answer: requests in one direction, each in a slot of a fixed pool, under a wire
/// id made of the slot's index and generation. A wire id is a whole number from 1 to 2^53 - 1 and
/// is never used twice, so that an answer that is late, doubled or invented finds nobody.
///
/// Passive: has no descriptor and no clock; the caller says what time it is, never going back.
/// After the first requests nothing here allocates; all operations are O(1), but for those that say
/// otherwise.
class RequestTable {
 public:
  struct Limits {
    /// Requests that may be open at once; at least 1.
    std::uint32_t slots = 100;
    /// Slots beyond those for requests that must not be starved.
    std::uint32_t reserve = 0;
  };

  struct NewRequest {
    std::string_view id{};     // JSON text of a number or string, at most 1 KiB
    std::string_view token{};  // JSON text of the progress token it asks for, or empty
    std::uint32_t method = 0;
    bool may_use_reserve = false;  // takes its slot from the reserve while there is one
    std::uint8_t server = 0;
    std::uint64_t sequence = 0;  // of its arrival; 0: it has arrived now
    Duration timeout{};          // from now; zero: waits for ever
    Duration max_timeout{};      // from now, however much progress there is
  };

  explicit RequestTable(const Limits& limits);
  ~RequestTable();
  RequestTable(const RequestTable&) = delete;
  RequestTable& operator=(const RequestTable&) = delete;

  /// Takes a slot. Returns its wire id, or 0 when all slots the request may use are taken: then the
  /// continuation is not kept and has not run.
  std::uint64_t open(const NewRequest& request, Time now, const Continuation& continuation);

  /// Whether another request with the id of the one opened last was open then.
  [[nodiscard]] bool last_repeats_id() const;

  /// The open request of this wire id, or null. Any number may be asked for.
  [[nodiscard]] const Request* find(std::uint64_t wire_id) const;

  /// The number of the slot that an open request is in, from 0 on.
  [[nodiscard]] std::uint32_t place(const Request& request) const;

  /// The open request that was opened last of those with this id, compared by value; null if none.
  [[nodiscard]] const Request* newest(std::string_view id) const;
  /// The same among the requests of one server.
  [[nodiscard]] const Request* newest(std::string_view id, std::uint8_t server) const;

  /// Frees the slot, then runs the continuation, which may open requests but not complete any.
  /// Returns false, and does nothing, if the wire id names no open request.
  bool complete(std::uint64_t wire_id, const Outcome& outcome);

  /// Frees the slot of an open request and returns what was in it; its continuation does not run.
  Request take(std::uint64_t wire_id);

  /// Whether `open` would find a slot.
  [[nodiscard]] bool has_room(bool may_use_reserve) const;

  /// Progress was made under this token: whatever asked for it waits its whole timeout from now on,
  /// but not beyond its max_timeout. Returns whether some open request has the token. Looks at
  /// kMaxSameToken requests at most.
  bool progress(std::string_view token, Time now);

  /// When the next request is due; nothing if none ever will be.
  [[nodiscard]] std::optional<Time> next_deadline() const;

  /// A request whose deadline has come.
  struct Due {
    const Request* request = nullptr;  // null: none is due
    Duration after{};                  // how long it was given when it was given time last
  };
  [[nodiscard]] Due due(Time now) const;

  /// Whether this wire id was given out once and is not open any more.
  [[nodiscard]] bool is_past(std::uint64_t wire_id) const;

  /// The wire ids of all open requests, in the order they arrived. O(slots); allocates.
  [[nodiscard]] std::vector<std::uint64_t> open_requests() const;

  [[nodiscard]] std::uint32_t open_count() const;       // of all
  [[nodiscard]] std::uint32_t open_in_reserve() const;  // of those that are in the reserve
  [[nodiscard]] std::uint32_t slots() const;

  /// Tokens must be unique among open requests (MCP 2025-11-25, basic/utilities/progress); where a
  /// host repeats them, so many requests are taken to have made progress.
  static constexpr int kMaxSameToken = 64;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stdiogate
