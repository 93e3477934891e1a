#pragma once

#include <cassert>
#include <charconv>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/message.h"
#include "stdiogate/request_table.h"
#include "stdiogate/router.h"
#include "stdiogate/slot_pool.h"

#include "src/router/methods.h"
#include "src/router/session.h"
#include "src/router/waiting.h"

namespace stdiogate {

class Edits;

/// The id of requests of the gate's own, which no client can give one of its.
inline constexpr std::string_view kOwnId = "null";

/// A JSON-RPC batch of the client's whose answers are being gathered.
struct Batch {
  std::uint32_t open = 0;   // elements that have no outcome yet, and one while it is taken apart
  std::string answers;      // separated by commas
  std::size_t replies = 0;  // bytes of them that are the gate's own
  bool refuses = false;     // there are too many: its requests are refused
};

/// From so many bytes on answers to a server that is retired and does not read are thrown away.
inline constexpr std::size_t kMaxUnreadByRetired = 1024 * 1024;

/// The router's inside. router.cc holds what is common, router_client.cc the rules for lines of the
/// client, router_batch.cc those for arrays, router_server.cc those for lines of a server,
/// router_servers.cc what happens when servers change.
struct Router::State {
  /// What the router knows of a server.
  struct Link {
    ServerState state = ServerState::none;
    LineWriter* writer = nullptr;
    std::uint32_t awaited = 0;       // requests it has to answer, subscriptions/listen excepted
    std::uint32_t asked = 0;         // its own requests that are open
    std::string failure;             // why it cannot take over
    bool was_asked_session = false;  // it was sent the client's initialize
    bool is_up = false;  // it has answered, but the client is just opening its session with another
  };

  State(const RouterConfig& given, LineWriter& client, Observer& told);

  // of the client (router_client.cc); `batch`: whose element the line is, 0 if it stands alone
  void client_message(std::string_view line, const Message& message, std::uint64_t batch);
  void client_request(std::string_view line, const Message& message, std::uint64_t batch);
  void hand_over(std::string_view line, std::size_t id_offset,
                 const RequestTable::NewRequest& request, const Continuation& continuation);
  void note_duplicate(const Message& message, bool duplicate);
  void client_notification(std::string_view line, const Message& message);
  void client_cancel(std::string_view line, const Message& message, std::string_view id,
                     bool ends_request);
  void client_response(std::string_view line, const Message& message, std::uint64_t batch);
  void refuse_line(const Fault& fault, std::string_view id, std::uint64_t batch);
  void tell_client(std::string_view id, const GateError& error, std::uint64_t batch);
  void finish_client_request(const Request& request, const Outcome& outcome, std::uint64_t batch);
  [[nodiscard]] Continuation finish(std::uint64_t batch);
  const Continuation finish_alone = finish(0);

  // requests that wait for a slot (router_client.cc)
  [[nodiscard]] std::uint32_t places() const;
  void serve_queue();
  void serve_queue(bool may_use_reserve);
  void hand_over_waiting(const Request& next);
  void end_waiting(const Request& request, Ending ending, const GateError* error);

  // arrays (router_batch.cc)
  void client_batch(std::string_view line);
  [[nodiscard]] std::size_t wanted_answers(std::string_view line);
  [[nodiscard]] Batch& open_batch(std::uint64_t batch);
  void server_batch(std::string_view line);
  void answer_client(std::string_view line, std::span<const Edit> edits, std::uint64_t batch);
  [[nodiscard]] bool fits_in_batch(std::string_view answer) const;
  void gather(std::uint64_t batch, std::string_view line, std::span<const Edit> edits);
  void close_in_batch(std::uint64_t batch);

  // of the server (router_server.cc)
  void server_message(std::string_view line, const Message& message);
  void server_request(std::string_view line, const Message& message);
  void server_notification(std::string_view line, const Message& message);
  void server_cancel(std::string_view line, const Message& message, std::string_view id,
                     bool ends_request, Edits& edits);
  void server_response(std::string_view line, const Message& message);
  void server_overlong(std::string_view beginning);
  void finish_server_request(const Request& request, const Outcome& outcome);
  [[nodiscard]] const Request* subscription(const Message& message) const;
  [[nodiscard]] const Request* asked_of_sender(std::string_view wire_id) const;
  [[nodiscard]] const Request* asked_for_client(std::string_view wire_id) const;

  // servers (router_servers.cc)
  void ask(ServerNumber server, std::string_view line, std::size_t id_offset,
           std::size_t id_length);
  void on_server_answer(ServerNumber server, const Outcome& outcome);
  void go_on_opening(ServerNumber server);
  void settle_opening();
  void fail(ServerNumber server, std::string why);
  void serve(ServerNumber server);
  void note_initialize(std::string_view line, std::size_t id_offset, std::size_t id_length);
  void note_initialize_answer(const Outcome& outcome);
  void notify_server(std::string_view line, bool is_initialized);

  // of both (router.cc)
  void time_out(const RequestTable::Due& due);
  /// Fills in what all events have.
  void report(Event&& event);
  void report_end(const Request& request, const Outcome& outcome, bool from_server);
  void report_dropped_answer(const Message& message, bool from_server, bool was_open);

  RouterConfig config;
  LineWriter& to_client;
  Observer& observer;
  Methods methods;
  MessageParser parser;
  RequestTable of_client;  // requests of the client, answered by the server
  RequestTable of_server;  // and the other way round
  RequestQueue queue;      // requests of the client that wait for a slot
  SlotPool<Batch> batches;
  std::size_t gathered = 0;           // bytes of all answers in batches
  std::uint64_t arrivals = 0;         // counts the requests of the client
  std::optional<GateError> refusing;  // why all requests are refused now
  std::uint32_t listening = 0;        // open subscriptions/listen
  std::uint32_t initializing = 0;     // open initialize requests
  bool is_any_up = false;             // a server waits for that to change
  std::uint32_t asking = 0;           // open requests of the gate's own
  Link links[kMaxServers];
  std::optional<ServerNumber> serving;
  ServerNumber sender = 0;  // of the server line that is judged
  Session session;
  /// A notification of the client's that came while no server served, after so many requests.
  struct Held {
    std::uint64_t arrivals = 0;
    std::string line;
  };
  std::vector<Held> held;
  std::size_t held_bytes = 0;
  bool told_of_duplicate = false;
  Time now{};           // what the caller said last
  std::string scratch;  // a line of the gate's own
};

/// The id a number makes, as text.
class WireId {
 public:
  explicit WireId(std::uint64_t number)
      : length_(static_cast<std::size_t>(std::to_chars(text_, text_ + sizeof text_, number).ptr -
                                         text_)) {}
  [[nodiscard]] std::string_view text() const { return {text_, length_}; }

 private:
  char text_[20] = {};
  std::size_t length_;
};

/// Whether the JSON text of a member's value is that of an id: a string or a number.
inline bool is_id(std::string_view json) {
  return !json.empty() && (json[0] == '"' || json[0] == '-' || (json[0] >= '0' && json[0] <= '9'));
}

/// The edits of one line, at most three, in the order of their places.
class Edits {
 public:
  explicit Edits(std::string_view line) : line_(line) {}

  /// `replacement`, which must outlive this, comes where `part`, a view into the line, stands.
  void add(std::string_view part, std::string_view replacement) {
    assert(count_ < 3);
    std::size_t at = count_++;
    const auto offset = static_cast<std::size_t>(part.data() - line_.data());
    for (; at > 0 && edits_[at - 1].offset > offset; --at)
      new (&edits_[at]) Edit(edits_[at - 1]);
    new (&edits_[at]) Edit{.offset = offset, .length = part.size(), .replacement = replacement};
  }

  [[nodiscard]] std::span<const Edit> all() const { return {edits_, count_}; }

 private:
  std::string_view line_;
  union {
    Edit edits_[3];  // made when they are added
  };
  std::size_t count_ = 0;
};

}  // namespace stdiogate
