#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stdiogate/message.h"
#include "stdiogate/request_table.h"
#include "stdiogate/router.h"

#include "src/json/skim.h"
#include "src/limits.h"
#include "src/requests/ended_tokens.h"
#include "src/requests/held_lines.h"
#include "src/requests/session.h"
#include "src/requests/waiting.h"
#include "src/router/batches.h"
#include "src/router/edits.h"
#include "src/router/events.h"
#include "src/router/methods.h"
#include "src/text.h"

namespace stdiogate {

/// How a request ends that gets an error for this reason.
[[nodiscard]] Ending ending_of(Reason reason);

/// The router's inside: two tables of open requests, the requests that wait, and the servers.
///
///     client line --> from_client.cc --> of_client -----> the server that serves
///                                    \-> waiting --/      (serve_queue, when a slot is free)
///     server line --> from_server.cc --> of_server -----> the client
///
/// An answer completes its request, whose continuation writes it to the side that asked: in
/// from_client.cc those to the client, in from_server.cc those to servers. flawed.cc has the rules
/// for lines that are no plain valid messages, takeover.cc is about servers that come and go,
/// keep.cc about what is kept for the next, events.cc tells the observer, router.cc has what is
/// common.
struct Router::State {
  /// How far a server has come, except that of those that are ready only one serves.
  enum class Stage : std::uint8_t {
    none,     // not connected
    asked,    // it was asked whether it is up
    up,       // it waits until the client has opened its session with another
    opening,  // it was sent the session's initialize
    ready,    // it serves, or has served
    failed,   // it cannot serve
  };

  /// The kinds of events that have been reported.
  class Told {
   public:
    /// Whether this is the first of its kind.
    bool first(EventKind kind) { return kinds_.insert(kind).second; }

   private:
    std::set<EventKind> kinds_;
  };

  struct Link {
    Stage stage = Stage::none;
    LineWriter* writer = nullptr;
    std::uint32_t awaited = 0;         // requests it has to answer, subscriptions/listen excepted
    std::uint32_t asked = 0;           // its own requests that are open
    std::uint32_t for_person = 0;      // of those, what a person or a model at the client answers
    std::string failure{};             // why it cannot serve
    std::deque<KeptLine> to_set_up{};  // of the session, not sent to it yet
    json::Skim overlong{};             // what has come of an overlong line
    std::string overlong_beginning{};  // of such a line, if lines are observed
    Told told{};                       // of what it has written
  };

  State(const RouterConfig& given, LineWriter& client, Observer& told);

  /// Notes what time it is.
  State& at(Time time) {
    now = time;
    return *this;
  }

  // Of the client. `batch`: the one the line is an element of; 0: of none.
  void client_batch(std::string_view line);
  void client_message(const Message& message, Batches::Number batch);
  void client_request(const Message& message, Batches::Number batch);
  void client_notification(const Message& message);
  void client_cancel(const Message& message, const Cancel& cancel);
  [[nodiscard]] const Request* named_by_client(std::string_view id) const;
  void client_response(const Message& message, Batches::Number batch);
  void refuse_line(const Fault& fault, std::string_view id, Batches::Number batch);
  void refuse_request(const RequestTable::NewRequest& request, const GateError& error,
                      Batches::Number batch);
  void note_duplicate(const RequestTable::NewRequest& request, bool is_open);
  void hand_over(std::string_view line, const RequestTable::NewRequest& request,
                 Continuation continuation, bool was_opened = false);
  [[nodiscard]] bool may_keep(std::uint32_t method, std::size_t bytes);
  void note_closed(const Request& request);
  void forget_token(const Request& request);
  void finish_client_request(const Request& request, const Outcome& outcome, Batches::Number batch);
  void tell_client(const Request& request, const Outcome& outcome, Batches::Number batch);
  void answer_client(const Request& request, const Outcome& outcome, Batches::Number batch);
  void reply_client(std::string_view id, const GateError& error, Batches::Number batch);

  /// Whether a server serves, and has been sent all of the session: it gets what the client sends.
  [[nodiscard]] bool takes_requests() const { return serving && links[*serving].to_set_up.empty(); }

  // Requests that wait for a slot.
  /// What may be possible after each line: another server takes over, requests that wait are handed
  /// over.
  void after_line() {
    if (ups > 0 || waiting.size() > 0 || (serving && !takes_requests())) do_what_is_possible();
  }
  /// A line that had to be repaired may have been a giant.
  void end_of_lines() {
    if (repaired_line.capacity() > kKeptText) give_back(repaired_line);
  }
  void do_what_is_possible();
  void serve_queue();
  void hand_over_waiting(const Request& next);
  void end_waiting(const Request& request, Ending ending, const GateError* error);

  // Of a server: the one that is `sender`.
  void server_batch(std::string_view line);
  void server_message(const Message& message, bool in_array = false);
  void server_request(const Message& message);
  void server_notification(const Message& message);
  void server_progress(const Message& message, Edits& edits);
  void server_cancel(const Message& message, const Cancel& cancel, Edits& edits);
  void server_response(const Message& message);
  void refuse_server_request(const RequestTable::NewRequest& request);
  void finish_server_request(const Request& request, const Outcome& outcome);
  void forget_oldest_ping();
  [[nodiscard]] const Request* asked_of_sender(std::string_view wire_id) const;
  [[nodiscard]] const Request* asked_for_client(std::string_view wire_id) const;

  // Lines that are no plain valid messages (flawed.cc).
  void client_invalid(const Message& message, std::uint64_t batch);
  void client_blank(std::string_view line);
  void client_overlong(const Line& piece);
  void server_overlong(const Line& piece);
  void server_invalid(const Message& message, bool in_array);
  [[nodiscard]] const Message& parse_repaired(std::string_view line, bool from_server);
  void refuse_invalid(const json::Skim& shown, const Fault& fault, std::string_view id,
                      std::uint64_t batch);
  void refuse_framing();
  [[nodiscard]] bool mend_server_line(std::string_view& line, Fault& fault);
  [[nodiscard]] bool begins_with_message(std::string_view text, const Fault& fault);
  void server_glued(std::string_view text);
  [[nodiscard]] const Message& parse_bare(std::string_view text, std::string_view& behind);
  [[nodiscard]] const Message& find_answer(std::string_view text, std::string_view& before,
                                           std::string_view& behind);
  [[nodiscard]] bool end_by_invalid_answer(std::string_view line, const Fault& fault);
  void note_noise(std::string_view line, bool is_named = false);
  void note_framing(std::string_view line);
  [[nodiscard]] bool is_echo(const Message& message, std::uint32_t method) const;
  void note_echo(const Message& message);

  // Servers that come and go.
  void enter(ServerNumber server, Stage stage);
  void fail(ServerNumber server, std::string why);
  void came_up(ServerNumber server);
  void ask(ServerNumber server, const KeptLine& line, bool decides);
  void ask_whether_up(ServerNumber server);
  void on_own_answer(ServerNumber server, const Outcome& outcome);
  [[nodiscard]] std::string why_refused(const Outcome& answer) const;
  void take_over(ServerNumber server);
  void settle_opening();
  void set_up(ServerNumber server);
  void hand_over_held(LineWriter& writer);
  void lose(ServerNumber server, const GateError& error);
  void end_or_put_back(const std::vector<std::uint64_t>& wire_ids, const GateError& error,
                       bool may_come, bool were_read);
  void put_back(std::uint64_t wire_id, bool was_read);

  // The session, and what is kept of it.
  void note_request(const Message& message, const RequestTable::NewRequest& request);
  void note_answer(const Request& request, const Outcome& outcome);
  void open_session(const Request& initialize, std::string_view answer);
  void keep_set_up(const Request& request, std::string_view what);
  [[nodiscard]] static std::string set_by(const Request& request);
  void notify_server(std::string_view line, std::string_view method);
  [[nodiscard]] std::string cancel(std::uint64_t wire_id, std::string_view reason) const;

  // Of all.
  /// Members of results matter to an open subscription and to a trace: to look for them costs.
  [[nodiscard]] const Message& parse(std::string_view line) {
    return parser.parse(line, listening > 0 || config.observe_details);
  }
  void time_out(const RequestTable::Due& due);
  [[nodiscard]] std::uint32_t in_flight() const { return of_client.open_count() - asking; }
  /// Fills in what all events have.
  void report(Event&& event);  // of the sender of the line at hand
  void observe_overlong(const Line& piece, std::string& beginning, bool from_server);
  void tell(Event& event);
  /// When it is for a trace. Without one nobody asks for more than `now`.
  [[nodiscard]] Time moment() const { return config.observe_details ? observer.moment(now) : now; }
  void report_end(const Request& request, const Outcome& outcome, bool from_server);
  /// Of a request, as its sender wrote it.
  [[nodiscard]] std::uint64_t size_of(std::string_view line) const {
    return mended_size != 0 ? mended_size : line.size();
  }
  /// What is to be kept of a request for its end: nothing unless details are wanted.
  [[nodiscard]] const RequestTexts* texts_of(const Message& message, std::uint32_t method) {
    return config.observe_details ? &texts.read(message, method != Methods::kOther) : nullptr;
  }
  [[nodiscard]] Details details_of(const Request& request, const Outcome& outcome,
                                   bool from_server) const;
  void report_dropped(EventKind kind, const Message& message, std::string_view id,
                      bool from_server);
  [[nodiscard]] std::string_view error_reply(std::string_view id, const GateError& error);
  void report_dropped_answer(const Message& message, bool from_server);

  RouterConfig config;
  LineWriter& to_client;
  Observer& observer;
  Methods methods;
  MessageParser parser;
  Time now{};                               // what the caller said last
  std::string scratch;                      // a line of the gate's own
  TextReader texts;                         // of a request that has just come
  std::optional<std::size_t> answer_bytes;  // of the outcome that is reported next, if it was sent

  RequestTable of_client;  // requests of the client, answered by servers; and the gate's own
  RequestTable of_server;  // requests of servers, answered by the client
  Waiting waiting;         // requests of the client that wait for a slot
  Batches batches;
  std::uint64_t arrivals = 0;         // counts the requests of the client
  std::uint32_t listening = 0;        // open subscriptions/listen
  std::uint32_t initializing = 0;     // open initialize requests of the client
  std::uint32_t asking = 0;           // open requests of the gate's own
  bool wants_new_session = false;     // an initialize came while the session was opened again
  std::optional<GateError> refusing;  // why all requests are refused now
  Told told_of_client;
  Told told_of_servers;  // once for all of them

  Link links[kMaxServers];
  std::uint32_t ups = 0;  // links that are `up`
  std::optional<ServerNumber> serving;
  ServerNumber sender = 0;  // of the server line that is judged
  Session session;
  std::string unconfirmed;     // the notifications/initialized of an initialize that is open
  std::size_t open_bytes = 0;  // of the lines that open requests keep
  KeptLine discover;           // the client's last server/discover
  std::string last_meta;  // params._meta of the client's, while there is neither that nor a session
  bool has_tasks = false;  // a server has announced them
  EndedTokens ended_tokens;
  HeldLines held;
  json::Skim overlong_of_client;
  std::string overlong_beginning;  // of a line of the client's, if lines are observed
  std::string repaired_line;       // the line that is judged, if it was not UTF-8
  std::uint64_t mended_size = 0;   // as sent, of the request that was mended; 0: none was
};

}  // namespace stdiogate
