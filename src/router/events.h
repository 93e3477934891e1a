#pragma once

#include <string>
#include <string_view>

#include "stdiogate/message.h"
#include "stdiogate/outcome.h"

/// What only a trace needs to know of a message. It is read from lines that are known to be valid,
/// by a search of its own: nobody else pays for it.
namespace stdiogate {

/// Reads the texts of requests. Only the last ones are good, as long as their message is.
class TextReader {
 public:
  /// `is_known`: the request's number tells its method.
  [[nodiscard]] const RequestTexts& read(const Message& request, bool is_known);

 private:
  RequestTexts texts_;
  std::string traceparent_;  // unescaped
  std::string version_;
};

/// The JSON text of the error's `code` in an answer; empty if there is none.
[[nodiscard]] std::string_view error_code_in(std::string_view answer);

}  // namespace stdiogate
