#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/clock.h"
#include "stdiogate/hash_index.h"
#include "stdiogate/outcome.h"
#include "stdiogate/slot_pool.h"

namespace stdiogate {

struct Request;

/// What to do with the outcome of one request. Small callables that can be copied byte for byte, as
/// all of the router's can, live in the slot: opening a request allocates nothing.
using Continuation = std::function<void(const Request&, const Outcome&)>;

/// What is kept of one unanswered request.
struct Request {
  /// The id as the asker wrote it: JSON text.
  [[nodiscard]] std::string_view id() const { return std::string_view(text).substr(0, id_length); }
  /// The progress token it asked for, as written; empty if none.
  [[nodiscard]] std::string_view token() const {
    return std::string_view(text).substr(id_length, token_length);
  }
  /// The texts it was opened with, each at most 65,534 bytes; none if none were given.
  [[nodiscard]] RequestTexts texts() const;

  std::uint64_t wire_id = 0;
  std::uint64_t sequence = 0;        // grows from one arrival to the next
  Time start;                        // when it was opened, or began to wait
  Time arrived;                      // when its line was read
  std::optional<Duration> queued{};  // if it waits or waited: how long until it was opened first
  std::uint64_t line_size = 0;       // in bytes, without the newline
  Duration timeout{};                // from when it is handed over; zero: none
  std::uint32_t method = 0;          // the caller's number for it
  bool may_use_reserve = false;
  bool in_reserve = false;  // which limit it counts against
  bool is_own = false;      // the gate's own: it has no id
  /// It waits, and a server that is lost had it under this wire id; 0: none had.
  std::uint64_t was_sent_as = 0;
  bool was_read = false;           // a server that is lost has read it, or may have
  bool is_named_by_token = false;  // progress has come under its wire id
  bool is_overtaken = false;       // one that came later and sets the same has been answered
  std::uint8_t server = 0;         // the caller's number for the server that has it or has sent it
  std::size_t id_length = 0;
  std::size_t token_length = 0;
  std::array<std::uint16_t, 4> lengths{};  // of the texts, in their order, plus 1; 0: not there
  std::string text;                        // id, token and texts, one behind the other
  /// The line it came in, where that is needed later, and where in it the id is.
  std::string line;
  std::size_t id_offset = 0;
  Continuation continuation;
};

/// Unanswered requests of one direction, each in a slot of a fixed pool, under a wire id made of
/// the slot's index and generation. A wire id is a whole number from 1 to 2^53 - 1 and is never
/// used twice, so that an answer that is late, doubled or invented finds nothing.
///
///     pool_       [ ping 1.3 ][ free ][ tools/call 3.1 ] ...   slots + reserve of them
///     clocks_     [ 10:07    ][      ][ 10:05          ] ...   when each is due
///     next_       10:05, or earlier                            nothing is due before
///
/// Passive: it has no descriptor and no clock; the caller says what time it is, never going back.
/// After the first requests nothing here allocates; all operations are O(1), except those that say
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
    std::string_view id{};                // JSON text of a number or string, at most 1 KiB
    std::string_view token{};             // JSON text of the progress token it asks for, or empty
    const RequestTexts* texts = nullptr;  // null: none
    std::size_t id_offset = 0;            // of the id in the line
    std::uint64_t line_size = 0;          // of the line, in bytes
    Time arrived{};                       // when that was read
    std::optional<Duration> queued{};     // if it has waited: how long
    std::uint32_t method = 0;
    bool may_use_reserve = false;  // takes its slot from the reserve while there is one
    bool is_own = false;           // the gate's own: `newest` never finds it
    bool was_read = false;         // see Request
    std::uint8_t server = 0;
    std::uint64_t sequence = 0;  // of its arrival; 0: it has arrived now
    Duration timeout{};          // from now; zero: never
    Duration max_timeout{};      // from now, whatever gives it more time
  };

  /// A request that is not open: it waits, or was refused.
  [[nodiscard]] static Request unsent(const NewRequest& request, std::string_view line, Time now,
                                      Continuation continuation);

  explicit RequestTable(const Limits& limits);
  RequestTable(const RequestTable&) = delete;
  RequestTable& operator=(const RequestTable&) = delete;

  /// Takes a slot. Returns its wire id, or 0 when all slots the request may use are taken: then the
  /// continuation is not kept and has not run. `line`: kept with it; may be empty.
  std::uint64_t open(const NewRequest& request, Time now, Continuation continuation,
                     std::string_view line = {});

  /// The open request of this wire id, or null. Any number may be asked for.
  [[nodiscard]] const Request* find(std::uint64_t wire_id) const;

  /// The open request that was opened last of those with this id, among all or those of one server;
  /// null if none.
  [[nodiscard]] const Request* newest(std::string_view id,
                                      std::optional<std::uint8_t> server = {}) const;

  /// Whether another open request has the id of this open one and was opened before it.
  [[nodiscard]] bool repeats_id(std::uint64_t wire_id) const;

  /// Frees the slot, then runs the continuation, which may open requests but not complete any.
  /// Returns false, and does nothing, if the wire id names no open request.
  bool complete(std::uint64_t wire_id, const Outcome& outcome);

  /// Frees the slot of an open request and returns what was in it; its continuation does not run.
  Request take(std::uint64_t wire_id);

  /// Whether `open` would find a slot.
  [[nodiscard]] bool has_room(bool may_use_reserve) const;

  /// Progress was made under this token: what asked for it has its whole timeout from now on, but
  /// not beyond its max_timeout. Returns whether some open request has the token. Looks at
  /// kMaxSameToken requests at most.
  bool progress(std::string_view token, Time now);
  /// The same for one open request, whose wire id the server has taken for the token.
  void progress(const Request& request, Time now);

  /// Notes of an open request that it is overtaken.
  void overtake(std::uint64_t wire_id) { pool_.get(pool_.handle(wire_id))->is_overtaken = true; }

  /// The clocks of this server's requests, now and later ones, stand still: only max_timeout ends
  /// them. O(slots).
  void hold(std::uint8_t server) { set_held(server, true, {}); }
  /// They go on: each request has its whole timeout from now on, but not beyond its max_timeout.
  void resume(std::uint8_t server, Time now) { set_held(server, false, now); }

  /// No request is due before this moment; nothing if none ever will be. It may be too early, since
  /// a request that ends leaves it as it is: `due` mends it.
  [[nodiscard]] std::optional<Time> next_deadline() const;

  /// A request whose deadline has come.
  struct Due {
    std::uint64_t wire_id = 0;
    Duration after{};  // how long it was given
  };
  /// Those that are due, in the order of their deadlines. O(slots) and allocates, but only when
  /// `next_deadline` has come.
  [[nodiscard]] std::vector<Due> due(Time now);

  /// Whether this wire id was given out once and is not open any more.
  [[nodiscard]] bool is_past(std::uint64_t wire_id) const;

  /// The wire ids of all open requests, in the order they arrived. O(slots); allocates.
  [[nodiscard]] std::vector<std::uint64_t> open_requests() const;

  [[nodiscard]] std::uint32_t open_count() const { return pool_.size(); }    // of all
  [[nodiscard]] std::uint32_t capacity() const { return pool_.capacity(); }  // slots and reserve

  /// Tokens must be unique among open requests (MCP 2025-11-25, basic/utilities/progress); where a
  /// host repeats them, this many requests are taken to have made progress.
  static constexpr int kMaxSameToken = 64;

 private:
  static constexpr Time kNever = Time::max();

  struct Clock {
    Time due = kNever;
    Time latest = kNever;  // whatever gives it more time
    Time start;
  };

  [[nodiscard]] const Request* at(std::uint32_t index) const { return pool_.get(pool_.at(index)); }
  void restart(Clock& clock, const Request& request, Time now);
  void set_held(std::uint8_t server, bool is_held, Time now);
  void close(const Request& request, Handle handle);

  Limits limits_;
  SlotPool<Request> pool_;
  std::vector<Clock> clocks_;  // by index in the pool; of a free place it says nothing
  Time next_ = kNever;
  std::bitset<256> held_;  // servers whose clocks stand still
  HashIndex by_id_;
  HashIndex by_token_;
  std::uint32_t in_reserve_ = 0;
  std::uint64_t sequence_ = 0;
  Request finished_;  // the one whose continuation runs; keeps the memory of its texts
  bool completing_ = false;
};

}  // namespace stdiogate
