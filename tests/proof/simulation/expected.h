#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/proof/simulation/sent.h"

namespace stdiogate::simulation {

/// A line that is to come out: `head`, what stands between, `tail`. For an array: its elements, in
/// any order.
struct Expected {
  enum class Between : std::uint8_t {
    nothing,
    wire_id,  // of the request `serial` of the client, or of the server
    text,     // anything that holds `inside`
  };
  std::string head{};
  std::string tail{};
  Between between = Between::nothing;
  bool of_server = false;
  std::uint32_t serial = 0;
  std::string inside{};
  std::vector<Expected> elements{};
};

/// The line as it is.
[[nodiscard]] Expected verbatim(std::string line);

/// The line with a wire id, which may not be known yet, for its id.
[[nodiscard]] Expected with_wire_id(const Sent& sent, bool of_server, std::uint32_t serial);

/// An error of the gate's own; `id` empty: without one.
[[nodiscard]] Expected gate_error(std::string_view id, int code, std::string_view reason,
                                  bool retryable);

}  // namespace stdiogate::simulation
