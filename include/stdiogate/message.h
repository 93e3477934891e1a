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
  batch,         // an array: its elements are JSON, and nothing more is known of them
  invalid,       // none of these: see Message::fault
};

/// JSON-RPC's codes for a line that is not JSON, or not a message.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;

/// What is wrong with a line.
struct Fault {
  int code = 0;                       // one of the two above
  std::string_view what;              // a sentence without its end; lives forever
  std::optional<std::size_t> offset;  // in bytes from the line's first, where it is known
};

/// What a line says, as far as the gate reads it. Every view is into the line or the parser and is
/// good until the parser's next call. A view of an id or a token is its JSON text as written,
/// quotes included; empty means that there is none.
struct Message {
  MessageKind kind = MessageKind::invalid;
  Fault fault;            // of kind invalid only
  std::string_view line;  // as it was given to the parser

  /// The id. That of a response may be no id at all: null, or nonsense. Of an invalid line: its id
  /// if it has exactly one valid id and is not an answer, so that an error reply may carry it.
  std::string_view id;

  std::string_view method;  // unescaped, without quotes
  std::string_view name;    // params.name if it is a string; unescaped, without quotes
  bool has_error = false;   // of a response
  /// Its result has an `isError` that is true (MCP 2025-11-25, server/tools). Only if the parser was
  /// asked to look.
  bool is_tool_error = false;
  std::string_view meta;  // params._meta, the JSON text of any value

  std::string_view request_id;       // params.requestId: notifications/cancelled, $/cancel_request
  std::string_view params_id;        // params.id: $/cancelRequest
  std::string_view progress_token;   // params.progressToken: notifications/progress
  std::string_view requested_token;  // params._meta.progressToken: of a request
  /// params._meta or result._meta, member io.modelcontextprotocol/subscriptionId
  /// (MCP 2026-07-28, basic/patterns/subscriptions). Only if the parser was asked to look.
  std::string_view subscription_id;
  /// Which of these appear twice: two readers could take either.
  struct Twice {
    bool request_id = false;
    bool params_id = false;
    bool progress_token = false;
    bool subscription_id = false;

    bool operator==(const Twice&) const = default;
  };
  Twice twice;
};

/// Reads lines as JSON-RPC messages. A line is valid when all of it is one JSON value by RFC 8259,
/// in UTF-8, nested at most kMaxDepth deep; numbers and strings of any size and lone surrogate
/// escapes included. One parser serves one thread; after the first lines it allocates only to
/// unescape a string, whatever their size.
class MessageParser {
 public:
  MessageParser();
  ~MessageParser();
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  /// Lines that will be parsed, one after the other, each with its newline. Finding the tokens of
  /// all of them at once costs less; what `parse` says is the same. They must stay as they are
  /// until other lines are expected; empty: none are.
  void expect(std::string_view lines);

  /// Reads one line, without its newline. The line must stay as it is for as long as the message is
  /// used. `results`: look for members of a result, too.
  [[nodiscard]] const Message& parse(std::string_view line, bool results = false);

  static constexpr unsigned kMaxDepth = 1024;
  static constexpr std::size_t kMaxIdLength = 1024;  // of a request, as written

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stdiogate
