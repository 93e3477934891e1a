#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "stdiogate/message.h"
#include "stdiogate/request_table.h"
#include "stdiogate/router.h"

#include "methods.h"

namespace stdiogate {

/// The router's inside. router.cc holds what is common, router_client.cc the rules for lines of the
/// client, router_server.cc those for lines of the server.
struct Router::State {
  State(const RouterConfig& given, LineWriter& server, LineWriter& client, Observer& told);

  // of the client (router_client.cc)
  void client_request(std::string_view line, const Message& message);
  void client_notification(std::string_view line, const Message& message);
  void client_cancel(std::string_view line, const Message& message);
  void client_response(std::string_view line, const Message& message);
  void refuse_request(std::string_view id, std::uint32_t method, const GateError& error);
  void refuse_line(const Fault& fault, std::string_view id);
  void tell_client(std::string_view id, const GateError& error);
  void finish_client_request(const Request& request, const Outcome& outcome);

  // of the server (router_server.cc)
  void server_request(std::string_view line, const Message& message);
  void server_notification(std::string_view line, const Message& message);
  void server_cancel(std::string_view line, const Message& message);
  void server_response(std::string_view line, const Message& message);
  void server_overlong(std::string_view beginning);
  void finish_server_request(const Request& request, const Outcome& outcome);

  // of both (router.cc)
  void time_out(const RequestTable::Due& due);
  void report(Event event);
  void report_end(const Request& request, const Outcome& outcome, bool from_server);
  void report_dropped_answer(const Message& message, bool from_server, bool was_open);

  RouterConfig config;
  LineWriter& to_server;
  LineWriter& to_client;
  Observer& observer;
  Methods methods;
  MessageParser parser;
  RequestTable of_client;             // requests of the client, answered by the server
  RequestTable of_server;             // and the other way round
  std::optional<GateError> refusing;  // why all requests are refused now
  std::uint32_t listening = 0;        // open subscriptions/listen
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

/// Passes the line on with `replacement` where `part`, a view into it, stands.
inline void pass(LineWriter& to, std::string_view line, std::string_view part,
                 std::string_view replacement) {
  const Edit edit{.offset = static_cast<std::size_t>(part.data() - line.data()),
                  .length = part.size(),
                  .replacement = replacement};
  to.append(line, {&edit, 1});
}

}  // namespace stdiogate
