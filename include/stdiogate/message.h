#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace stdiogate {

/// What kind of JSON-RPC 2.0 message a line is.
enum class MessageKind : std::uint8_t {
  request,       // `method` and `id`
  notification,  // `method`, no `id`
  response,      // `result` or `error`, no `method`; its `id` may be missing or of any type
  batch,         // an array: nothing is said of its elements but that they are JSON
  invalid,       // not one of these: see Message::fault
};

/// What is wrong with a line.
struct Fault {
  int code = 0;                       // JSON-RPC's: -32700 not JSON, -32600 not a message
  std::string_view what;              // a sentence without its end; lives for ever
  std::optional<std::size_t> offset;  // in bytes from the line's first, where it is known
};

/// What a line says, as far as the gate reads it. Every view lies in the line or in the parser and
/// is good until the parser's next call. A view of an id or a token is its JSON text as it stands
/// in the line, quotes included; empty means that there is none.
struct Message {
  MessageKind kind = MessageKind::invalid;
  Fault fault;  // of kind invalid only

  /// The id. Of an invalid line: its id if it has exactly one valid id and does not answer
  /// anything, so that an error reply may carry it.
  std::string_view id;
  /// Whether `id` is a number or a string. A response may carry another: null, or nonsense.
  bool has_usable_id = false;

  std::string_view method;  // unescaped, without quotes
  std::string_view name;    // params.name if it is a string; unescaped, without quotes
  bool has_error = false;   // of a response

  std::string_view request_id;       // params.requestId: notifications/cancelled, $/cancel_request
  std::string_view params_id;        // params.id: $/cancelRequest
  std::string_view progress_token;   // params.progressToken: notifications/progress
  std::string_view requested_token;  // params._meta.progressToken: of a request
  /// params._meta or result._meta, member io.modelcontextprotocol/subscriptionId
  /// (MCP 2026-07-28, basic/patterns/subscriptions). Only if the parser was told to look.
  std::string_view subscription_id;
  /// One of the five above stands there twice: two readers could take either.
  bool ambiguous = false;
};

/// Reads lines as JSON-RPC messages. A line is valid when all of it is one JSON value by RFC 8259,
/// in UTF-8, nested at most kMaxDepth deep; numbers and strings of any size and lone surrogate
/// escapes included. One parser serves one thread; after the first lines it does not allocate,
/// whatever their size.
class MessageParser {
 public:
  MessageParser();
  ~MessageParser();
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  /// Reads one line, without its newline. The line must stay as it is for as long as the message is
  /// used. `subscriptions`: look for subscription ids, too.
  [[nodiscard]] const Message& parse(std::string_view line, bool subscriptions = false);

  /// Lines that will be parsed, one after the other, with their newlines; the last byte is one.
  /// Finding the tokens of all of them at once costs less. What `parse` says is the same. They must
  /// stay as they are until something else is expected; empty: nothing is.
  void expect(std::string_view lines);

  /// Reads what is left of a line of which the end is missing. The message is a response if its
  /// beginning shows an `id`, a `result` or `error`, and no `method`; else it is invalid.
  [[nodiscard]] const Message& parse_beginning(std::string_view line);

  static constexpr unsigned kMaxDepth = 1024;
  static constexpr std::size_t kMaxIdLength = 1024;  // of a request, as written

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stdiogate
