#pragma once

#include <cstdint>
#include <string_view>

namespace stdiogate {

struct GateError;
struct Message;

/// What only a trace tells of a request: texts of its line. One that is not there has null `data()`;
/// an empty one has not.
struct RequestTexts {
  std::string_view method{};            // as the request has it, or empty if its number tells it
  std::string_view name{};              // params.name of tools/call and prompts/get, if a string
  std::string_view traceparent{};       // of params._meta
  std::string_view protocol_version{};  // of params._meta
};

/// How a request ended. Exactly one of these for each.
enum class Ending : std::uint8_t {
  answered,       // the other side answered, with a result or an error
  timed_out,      // no answer by the deadline
  refused,        // there was no slot for it
  cancelled,      // by the side that sent it, which expects no answer any more
  server_gone,    // the server ended first
  shutting_down,  // the gate ended first
};

/// What a continuation is given. The views and pointers are good during the call.
struct Outcome {
  Ending ending = Ending::answered;
  /// What answers. Null if there is no answer to pass on.
  const Message* answer = nullptr;
  /// What to answer instead. Null if there is an answer, or the asker has cancelled.
  const GateError* error = nullptr;
};

}  // namespace stdiogate
