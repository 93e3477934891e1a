#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdiogate/message.h"
#include "stdiogate/observer.h"

/// What only a trace needs to know of a message. It is read from lines that are known to be valid,
/// by a search of its own: nobody else pays for it.
namespace stdiogate {

/// What a request says, besides what every request is asked, packed into one text that its slot
/// keeps. `now`: its line has just been read.
void pack_details(std::string& out, std::string_view line, const Message& message, Time now);

/// It has waited and is handed over.
void note_handed_over(std::string& packed, Time now);

/// The same, read from the slot. Views are into `packed`; what only the outcome tells is left empty.
[[nodiscard]] Details unpack_details(std::string_view packed);

/// The JSON text of the error's `code` in an answer; empty if there is none.
[[nodiscard]] std::string_view error_code_in(std::string_view answer);

/// Whether the result in an answer says `"isError":true`.
[[nodiscard]] bool is_tool_error(std::string_view answer);

}  // namespace stdiogate
