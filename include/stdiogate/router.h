#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/clock.h"
#include "stdiogate/gate_error.h"
#include "stdiogate/line_reader.h"
#include "stdiogate/line_writer.h"
#include "stdiogate/observer.h"

namespace stdiogate {

/// A timeout for one method ("resources/read") or one tool ("tools/call:NAME", NAME being all after
/// the first colon). Names match exactly.
struct TimeoutRule {
  std::string name;
  Duration timeout{};  // zero: never

  bool operator==(const TimeoutRule&) const = default;
};

struct RouterConfig {
  /// Requests of the client that may be open at once; at least 1. A reserve of kReserve comes on
  /// top for methods that must not be starved.
  std::uint32_t max_in_flight = 100;
  Duration timeout = std::chrono::hours(1);           // zero: never
  Duration max_timeout = std::chrono::hours(24);      // however much progress there is
  Duration start_timeout = std::chrono::minutes(15);  // of `initialize`; zero: never
  std::vector<TimeoutRule> timeout_rules;             // come before the three above
  /// Requests that may wait for a slot; 0: what finds none is refused. How long each may wait
  /// (zero: forever), and how many bytes all of them together may have.
  std::uint32_t queue = 0;
  Duration queue_timeout = std::chrono::seconds(30);
  std::size_t queue_bytes = 64 * 1024 * 1024;
  std::size_t max_line = 512 * 1024 * 1024;  // what error messages say of it
  bool observe_details = false;              // events of requests that have ended have Details
  bool observe_lines = false;                // there are events line_observed and asked_by_gate

  bool operator==(const RouterConfig&) const = default;

  /// How long a request may wait for a server that must be started: for the start, and as long
  /// again as in the queue. Zero: forever.
  [[nodiscard]] Duration server_wait() const {
    const bool forever = start_timeout == Duration::zero() || queue_timeout == Duration::zero();
    return forever ? Duration::zero() : start_timeout + queue_timeout;
  }
};

/// Every rule about messages: who gets which line, under which id, and what the gate itself says.
///
/// Passive: it is handed a line and the time, or an event, and appends what is to be written to the
/// two writers; it has no descriptor, no clock and no log. `now` never goes back.
///
/// Servers come and go: one serves, another may take over while the first finishes what it has.
/// Each has a number below kMaxServers, which can be used again when it is disconnected.
class Router {
 public:
  using ServerNumber = std::uint8_t;

  /// All must outlive the router. No server is connected.
  Router(const RouterConfig& config, LineWriter& to_client, Observer& observer);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Takes the lines that the client has sent, as long as there is room for what they cause.
  /// Returns whether it has taken all. Nothing is forwarded once `end` was called.
  [[nodiscard]] bool client_lines(LineReader& lines, Time now);

  /// The same for lines of a server. One that is not connected is not heard.
  [[nodiscard]] bool server_lines(LineReader& lines, Time now, ServerNumber server = 0);

  /// Whether there is room for what further lines cause: less than kHighWater of forwarded lines is
  /// queued in the other side's writer, and less than kMaxReplies of replies in the sender's own.
  [[nodiscard]] bool may_read_client() const;
  [[nodiscard]] bool may_read_server(ServerNumber server) const;

  /// One line of those.
  void client_line(const Line& line, Time now);
  void server_line(const Line& line, Time now, ServerNumber server = 0);

  /// Ends what is due: the client gets an error, the server is asked to cancel.
  void advance(Time now);

  /// When `advance` is to be called next; nothing if it need not be.
  [[nodiscard]] std::optional<Time> next_deadline() const;

  /// Ends every open request with `open`, in the order they arrived. Those that wait and all that
  /// come later are refused with `later`.
  void end(const GateError& open, const GateError& later, Time now);

  /// How far a server has come.
  enum class ServerState : std::uint8_t {
    none,     // not connected
    opening,  // it is asked whether it takes over
    serving,  // it gets what the client sends
    retired,  // it gets no more requests, but answers those it has
    failed,   // it cannot take over: see why_failed
  };

  /// Another server has been started; what is for it goes to `writer`, which must stay until it is
  /// disconnected. It serves when it has answered: in a session (MCP up to 2025-11-25) the client's
  /// own `initialize`, sent once more, for which it must agree to the same revision; else, if it
  /// `must_answer`, a server/discover such as the client sends, or a ping, with a result or an
  /// error. The server that served is retired then. What the client has subscribed to and the log
  /// level are set again. The client learns only that lists may have changed.
  void connect(ServerNumber server, LineWriter& writer, bool must_answer, Time now);

  /// The server is to get no more requests. While none serves they wait for the next, as many as
  /// there are slots and places in the queue.
  void retire(ServerNumber server);

  /// The server is gone. Its open requests end with `open`, and are never sent to another, since
  /// nobody can know whether they took effect; but initialize and ping, which have no effects, wait
  /// for the next server. What it has asked the client is cancelled there.
  void disconnect(ServerNumber server, const GateError& open, Time now);

  [[nodiscard]] ServerState server_state(ServerNumber server) const;
  /// A clause, good until the router's next call.
  [[nodiscard]] std::string_view why_failed(ServerNumber server) const;

  /// Requests that this server still has to answer, subscriptions/listen excepted.
  [[nodiscard]] std::uint32_t awaited(ServerNumber server) const;

  /// The same, and requests of its own that the client has to answer.
  [[nodiscard]] std::uint32_t busy(ServerNumber server) const;

  /// Whether an `initialize` of the client's is open: a bad time to change servers.
  [[nodiscard]] bool is_opening_session() const;

  /// Whether another server could go on in the place of this one. Not once a session of the Agent
  /// Client Protocol has been opened: only the agent that has it knows what was said in it.
  [[nodiscard]] bool can_restart() const;

  /// Whether nothing would be missed if the server ended and another were started for the next
  /// line: no request of either side is open or waits, nothing is subscribed to, no tasks were
  /// announced.
  [[nodiscard]] bool is_idle() const;

  /// Whole lines from a server's writer that will never be sent. Their requests end with this error,
  /// but if its reason is server_exited, initialize and ping wait for the next server instead.
  /// Notifications are dropped.
  void take_back(std::string_view lines, const GateError& error, Time now);

  /// No server will come: ends every request that waits, and refuses all that come later, with
  /// `later`. Notifications that wait are dropped.
  void refuse(const GateError& later, Time now);

  /// Open requests of the client, and their wire ids, those of the gate's own included.
  [[nodiscard]] std::uint32_t in_flight() const;
  [[nodiscard]] std::vector<std::uint64_t> open_requests() const;

  /// Requests of the client that wait to be handed over.
  [[nodiscard]] std::uint32_t waiting() const;

  /// Requests of the servers that the client has to answer.
  [[nodiscard]] std::uint32_t asked() const;

  /// Whether a request or a notification of the client's waits to be handed over.
  [[nodiscard]] bool has_waiting() const;

  /// Requests that will be answered, open or waiting: all but subscriptions/listen.
  [[nodiscard]] std::uint32_t awaited() const;

  /// Slots beyond max_in_flight for initialize, ping, server/discover, subscriptions/listen and
  /// tasks/get, result, cancel and update.
  static constexpr std::uint32_t kReserve = 32;

  /// The most requests of the server's own that may be open at once.
  static constexpr std::uint32_t kMaxServerRequests = 256;

  /// The most bytes of lines that are kept for another server: of the session, and of requests that
  /// can be sent once more.
  static constexpr std::size_t kMaxKept = 1024 * 1024;

  /// Servers that may be connected at once.
  static constexpr ServerNumber kMaxServers = 4;

  /// The most elements of one batch that want an answer, the most elements of any array, the most
  /// batches that may be open at once, and the most bytes of answers that wait for the others of
  /// their batches.
  static constexpr std::size_t kMaxBatch = 1024;
  static constexpr std::size_t kMaxElements = 65536;
  static constexpr std::uint32_t kMaxOpenBatches = 256;
  static constexpr std::size_t kMaxGathered = 64 * 1024 * 1024;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stdiogate
