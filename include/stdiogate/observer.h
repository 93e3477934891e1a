#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/clock.h"
#include "stdiogate/outcome.h"

namespace stdiogate {

/// What the router has done or seen.
enum class EventKind : std::uint8_t {
  request_opened,        // a request took a slot and was handed over
  request_queued,        // a request waits for a slot
  request_ended,         // a request has its outcome: `ending`, `latency`; refused ones too
  duplicate_id,          // once a run: the client uses an id that is open already
  answer_dropped,        // an answer to no open request: late, second or invented
  cancel_dropped,        // a cancel that names no open request, or one that cannot be cancelled
  anonymous_error,       // the server's error without an id was passed on
  noise,                 // a line of the server's that is no message: `detail` is the line
  echo,                  // a request of the client's that came back; `noise` follows
  foreign_framing,       // a line that begins with "Content-Length:"; a server's is noise, too
  line_repaired,         // bytes that are not UTF-8 became U+FFFD
  invalid_answer,        // an answer that is not valid ended its request: `detail` says why
  invalid_line,          // a line of the client's that is no message: `detail` says why
  overlong_line,         // a line beyond --max-line was thrown away
  notification_dropped,  // for a request or subscription that is not open, or there is no room
  not_kept,              // too large to be sent to another server after a restart
  server_refused,        // once a run: a request of the server's finds all places taken
  line_observed,         // a line of the client's has come, or an overlong one of either side
  asked_by_gate,         // a request of the gate's own goes to a server: `detail` is the line
};

/// What only a trace tells of a request that has ended: see RouterConfig::observe_details. Of its
/// texts the method is always there, and the protocol version may be the session's. Views are good
/// during the call.
struct Details : RequestTexts {
  Duration duration{};              // from its line to its outcome, all pauses included
  std::uint64_t request_bytes = 0;  // as its sender wrote it, without the newline
  // of the outcome
  std::optional<Duration> queued{};             // if it waited: the part before it was handed over
  std::uint32_t in_flight = 0;                  // requests of its side that are open now
  std::optional<std::uint64_t> answer_bytes{};  // of what its sender was sent, without the newline
  std::string_view error_code{};                // JSON text of `code` in the server's error
  bool is_tool_error = false;                   // a result of tools/call that says so
  const GateError* error = nullptr;             // the gate's own error, whether it was sent or not
};

/// One of them. Members that do not apply are empty or zero. Views are good during the call.
struct Event {
  EventKind kind = EventKind::request_opened;
  bool from_server = false;  // the server sent the request or the line
  std::uint8_t server = 0;   // the server it came from, or went to
  bool is_error = false;     // of an answer: it is an error; of line_observed: it is no JSON
  bool by_gate = false;      // of a request that has ended: the gate itself answers, with an error
  bool was_cut = false;      // of line_observed: beyond --max-line, `detail` is its beginning
  bool was_open = false;     // of an answer that was dropped: its wire id was open once
  bool first = false;        // of its kind from this server, or from the client
  Ending ending = Ending::answered;
  Time now{};
  Duration latency{};         // from the request to its outcome
  bool was_opened = false;    // of a request opened: a server that is lost had it before
  std::uint64_t wire_id = 0;  // 0: none
  std::uint32_t method_number = 0;
  std::uint32_t in_flight = 0;  // requests of the client that are open now
  std::uint32_t waiting = 0;    // requests of the client that wait for a slot
  std::string_view id{};        // as its sender wrote it
  std::string_view method{};
  std::string_view detail{};
  const Details* details = nullptr;  // of request_ended, if they are wanted
};

/// Receives the events. Log, statistics and trace are made of them; the router itself keeps none.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;

  /// The moment at which the router's time is `now`: that stands still in pauses, when the client
  /// reads nothing.
  [[nodiscard]] virtual Time moment(Time now) { return now; }
  /// The router's time read anew: a line has just taken long. It was `now`.
  [[nodiscard]] virtual Time later(Time now) { return now; }

  /// What this server has written to its stderr last, for an error; may be empty.
  [[nodiscard]] virtual std::string last_words(std::uint8_t /*server*/) { return {}; }
};

}  // namespace stdiogate
