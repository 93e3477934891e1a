#include "src/router/methods.h"

namespace stdiogate {

namespace {

constexpr std::string_view kToolPrefix = "tools/call:";

// What must not be starved by slow work: a host that is refused a ping believes the server dead,
// and tasks are polled while they run (MCP 2025-11-25, basic/utilities/tasks).
constexpr std::string_view kReserved[] = {
    "initialize", "subscriptions/listen", "ping",         "server/discover",
    "tasks/get",  "tasks/cancel",         "tasks/update",
};

}  // namespace

Methods::Methods(const RouterConfig& config) : default_timeout_(config.timeout) {
  for (const std::string_view name :
       {"(other)", "initialize", "subscriptions/listen", "tools/call"})
    add(name);
  for (const std::string_view name : kReserved)
    methods_[known_or_added(name)].may_use_reserve = true;
  methods_[kInitialize].timeout = config.start_timeout;
  methods_[kListen].timeout = Duration::zero();  // it is open for as long as the client listens
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
  if (known != numbers_.end()) {
    last_ = known->second;
    return last_;
  }
  if (methods_.size() >= kMaxMethods || name.size() > kMaxName) return kOther;
  return add(name);
}

Duration Methods::timeout(std::uint32_t number, std::string_view tool) const {
  if (number == kToolsCall && !tool_timeouts_.empty()) {
    const auto rule = tool_timeouts_.find(tool);
    if (rule != tool_timeouts_.end()) return rule->second;
  }
  return methods_[number].timeout;
}

}  // namespace stdiogate
