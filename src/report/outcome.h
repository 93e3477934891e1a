#pragma once

#include <string>
#include <string_view>

#include "stdiogate/observer.h"

/// What trace and metrics say alike of a request that has ended.
namespace stdiogate {

/// "answered", "timeout" ...
[[nodiscard]] std::string_view name_of(Ending ending);

/// The error's code, if it is one and a whole number of at most kMaxErrorCode characters; else
/// empty. Of an event with details.
[[nodiscard]] std::string status_code(const Event& event);

/// OpenTelemetry's `error.type`; empty if the request has ended well. Of an event with details.
[[nodiscard]] std::string error_type(const Event& event);

/// A name: all of it, or up to kMaxNameShown bytes, the last of them an ellipsis.
[[nodiscard]] std::string shown(std::string_view name);

}  // namespace stdiogate
