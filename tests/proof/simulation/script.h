#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/router.h"

/// What a schedule is made of: a configuration and steps. A step says what to do in terms of how
/// things stand then ("answer the third open request"), so that a script still means something
/// when steps are taken out of it.
namespace stdiogate::simulation {

enum class Op : std::uint8_t {
  client_request,
  client_cancel,
  client_soft_cancel,  // $/cancel_request, $/cancelRequest: the request is answered all the same
  client_notification,
  client_answer,
  client_invalid,
  client_batch,
  client_blank,
  client_giant,  // a line of about --max-line
  server_answer,
  server_late_answer,
  server_stray_answer,
  server_notification,
  server_progress,
  server_request,
  server_flood,  // an array of requests
  server_cancel,
  server_soft_cancel,
  server_noise,
  server_batch,
  server_anonymous_error,
  server_giant,
  pass_time,
  until_deadline,
  late_timer,  // time passes, and the router is not told at once
  end,
  client_initialized,
  server_starts,
  server_retires,
  server_ends,
  count,  // none: how many there are
};
inline constexpr auto kOps = static_cast<std::size_t>(Op::count);

/// Whether the client says something then.
constexpr bool is_of_client(Op op) {
  return op < Op::server_answer || op == Op::client_initialized;
}

struct Step {
  Op op{};
  std::uint32_t a = 0, b = 0, c = 0;  // what they mean is the operation's
  std::uint32_t cut = 0;              // how the line's bytes arrive
};

struct Script {
  /// What the configuration is made of; each may be any number.
  std::array<std::uint32_t, 10> sizes{};
  std::vector<Step> steps{};
};

/// A --max-line is below this, and there are no batches of the client's, or far above anything that
/// is sent: what a batch gathers is bounded by it, and the model does not count bytes.
inline constexpr std::uint32_t kSmallMaxLine = 4096;

[[nodiscard]] RouterConfig config_of(const Script& script);

/// The schedule of this seed. Each seed has its own sizes, limits and preferences.
[[nodiscard]] Script script_of(std::uint64_t seed, std::size_t steps);

/// A script as text, one line for the configuration and one for each step; and back.
[[nodiscard]] std::string text_of(const Script& script);
[[nodiscard]] std::optional<Script> parse_script(std::string_view text);

}  // namespace stdiogate::simulation
