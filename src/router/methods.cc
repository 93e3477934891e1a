#include "src/router/methods.h"

#include "src/limits.h"

namespace stdiogate {

namespace {

constexpr std::string_view kToolPrefix = "tools/call:";

struct Known {
  std::string_view name;
  bool may_use_reserve = false;
  bool is_unlimited = false;
  bool keeps_line = false;
  bool is_for_person = false;
};

// Slow work must not starve pings, since a host that is refused one believes the server dead, nor
// tasks, which are polled while they run (MCP 2025-11-25, basic/utilities/tasks). Requests that
// wait for a person, or for the end of something long, have no limit; session/prompt and
// authenticate are the Agent Client Protocol's.
constexpr Known kKnown[] = {
    {.name = "(other)"},
    {.name = "initialize", .may_use_reserve = true, .keeps_line = true},
    {.name = "subscriptions/listen", .may_use_reserve = true, .is_unlimited = true},
    {.name = "tools/call"},
    {.name = "ping", .may_use_reserve = true, .keeps_line = true},
    {.name = "server/discover", .may_use_reserve = true},
    {.name = "resources/subscribe", .keeps_line = true},
    {.name = "resources/unsubscribe", .keeps_line = true},
    {.name = "logging/setLevel", .keeps_line = true},
    {.name = "session/new"},
    {.name = "session/load"},
    {.name = "tasks/get", .may_use_reserve = true},
    {.name = "tasks/result", .may_use_reserve = true, .is_unlimited = true},
    {.name = "tasks/cancel", .may_use_reserve = true},
    {.name = "tasks/update", .may_use_reserve = true},
    {.name = "session/prompt", .is_unlimited = true},
    {.name = "authenticate", .is_unlimited = true},
    {.name = "elicitation/create", .is_for_person = true},
    {.name = "sampling/createMessage", .is_for_person = true},
    {.name = "session/request_permission", .is_for_person = true},
};

}  // namespace

std::optional<Cancel> cancel_in(const Message& notification) {
  const std::string_view method = notification.method;
  const Message::Twice& twice = notification.twice;
  if (method == "notifications/cancelled") return Cancel{notification.request_id, twice.request_id};
  if (method == "$/cancel_request") return Cancel{notification.request_id, twice.request_id, false};
  if (method == "$/cancelRequest") return Cancel{notification.params_id, twice.params_id, false};
  return std::nullopt;
}

Methods::Methods(const RouterConfig& config) : default_timeout_(config.timeout) {
  for (const Known& known : kKnown) {
    Method& method = methods_[add(known.name)];
    method.may_use_reserve = known.may_use_reserve;
    method.keeps_line = known.keeps_line;
    method.is_for_person = known.is_for_person;
    if (known.is_unlimited) method.timeout = Duration::zero();
  }
  methods_[kInitialize].timeout = config.start_timeout;
  for (const TimeoutRule& rule : config.timeout_rules) {
    if (rule.name.starts_with(kToolPrefix)) {
      tool_timeouts_[rule.name.substr(kToolPrefix.size())] = rule.timeout;
    } else {
      methods_[known_or_added(rule.name)].timeout = rule.timeout;
    }
  }
}

std::uint32_t Methods::add(std::string_view name) {
  const auto number = static_cast<std::uint32_t>(methods_.size());
  methods_.push_back({.name = std::string(name), .timeout = default_timeout_});
  numbers_.emplace(name, number);
  return number;
}

std::uint32_t Methods::known_or_added(std::string_view name) {
  const auto known = numbers_.find(name);
  return known != numbers_.end() ? known->second : add(name);
}

std::uint32_t Methods::number_of(std::string_view name) {
  if (methods_[last_].name == name) return last_;
  const auto known = numbers_.find(name);
  if (known != numbers_.end()) return last_ = known->second;
  if (methods_.size() >= kMaxMethods || name.size() > kMaxMethodName) return kOther;
  return add(name);
}

Duration Methods::tool_timeout(std::string_view tool) const {
  const auto rule = tool_timeouts_.find(tool);
  return rule != tool_timeouts_.end() ? rule->second : methods_[kToolsCall].timeout;
}

}  // namespace stdiogate
