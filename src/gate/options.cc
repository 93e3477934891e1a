#include "src/gate/options.h"

#include <charconv>
#include <optional>

#include "src/text.h"

namespace stdiogate {

namespace {

constexpr std::uint32_t kMostInFlight = 100'000;
constexpr std::uint64_t kLeastLine = 64;
constexpr std::uint64_t kLongestLine = std::uint64_t{4} << 30;
constexpr std::size_t kMostTimeoutRules = 200;
constexpr std::uint32_t kMostRestarts = 1000;
constexpr std::size_t kMostWatched = 8;

constexpr std::string_view kDuration = "a duration such as 200ms, 1.5s, 5m or 1h";

template <Duration Options::*Member>
std::string_view set_duration(Options& options, std::string_view value) {
  const auto duration = parse_duration(value);
  if (!duration) return kDuration;
  options.*Member = *duration;
  return {};
}

template <Duration RouterConfig::*Member>
std::string_view set_router_duration(Options& options, std::string_view value) {
  const auto duration = parse_duration(value);
  if (!duration) return kDuration;
  options.router.*Member = *duration;
  return {};
}

/// Takes over a whole number between the two; false if it is none.
bool set_number(std::uint32_t& into, std::string_view value, std::uint32_t least,
                std::uint32_t most) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc{} && end == value.data() + value.size();
  if (!whole || number < least || number > most) return false;
  into = number;
  return true;
}

std::string_view set_max_in_flight(Options& options, std::string_view value) {
  const bool good = set_number(options.router.max_in_flight, value, 1, kMostInFlight);
  return good ? "" : "a number from 1 to 100000";
}

std::string_view set_max_line(Options& options, std::string_view value) {
  const auto size = parse_size(value);
  if (!size || *size < kLeastLine || *size > kLongestLine)
    return "a size from 64 to 4G, in bytes or with K, M or G";
  options.router.max_line = *size;
  return {};
}

std::string_view add_timeout_rule(Options& options, std::string_view value) {
  constexpr std::string_view kExpected = "METHOD=DURATION or tools/call:NAME=DURATION";
  const std::size_t equals = value.rfind('=');
  if (equals == std::string_view::npos || equals == 0) return kExpected;
  const auto duration = parse_duration(value.substr(equals + 1));
  if (!duration) return kExpected;
  if (options.router.timeout_rules.size() == kMostTimeoutRules)
    return "one of at most 200 such rules";
  options.router.timeout_rules.push_back({std::string(value.substr(0, equals)), *duration});
  return {};
}

std::string_view set_queue(Options& options, std::string_view value) {
  const bool good = set_number(options.router.queue, value, 0, kMostInFlight);
  return good ? "" : "a number from 0 to 100000";
}

std::string_view set_queue_bytes(Options& options, std::string_view value) {
  const auto size = parse_size(value);
  if (!size || *size > kLongestLine) return "a size up to 4G, in bytes or with K, M or G";
  options.router.queue_bytes = *size;
  return {};
}

template <class Enum>
struct Choice {
  std::string_view name;
  Enum value;
};

template <class Enum, std::size_t N>
bool choose(const Choice<Enum> (&choices)[N], std::string_view name, Enum& into) {
  for (const Choice<Enum>& choice : choices) {
    if (choice.name != name) continue;
    into = choice.value;
    return true;
  }
  return false;
}

std::string_view set_restart(Options& options, std::string_view value) {
  constexpr Choice<RestartMode> kChoices[] = {{"never", RestartMode::never},
                                              {"on-failure", RestartMode::on_failure},
                                              {"always", RestartMode::always}};
  return choose(kChoices, value, options.restart) ? "" : "never, on-failure or always";
}

std::string_view set_max_restarts(Options& options, std::string_view value) {
  return set_number(options.max_restarts, value, 0, kMostRestarts) ? "" : "a number from 0 to 1000";
}

std::string_view set_kill_mode(Options& options, std::string_view value) {
  constexpr Choice<KillMode> kChoices[] = {{"all", KillMode::all}, {"group", KillMode::group}};
  return choose(kChoices, value, options.server.kill_mode) ? "" : "all or group";
}

std::string_view add_watched(Options& options, std::string_view value) {
  if (value.empty()) return "the path of a file";
  if (options.watched.size() == kMostWatched) return "one of at most 8 such files";
  options.watched.emplace_back(value);
  return {};
}

std::string_view set_server_stderr(Options& options, std::string_view value) {
  constexpr Choice<StderrMode> kChoices[] = {
      {"pass", StderrMode::pass}, {"log", StderrMode::log}, {"discard", StderrMode::discard}};
  return choose(kChoices, value, options.server_stderr) ? "" : "pass, log or discard";
}

std::string_view set_log_level(Options& options, std::string_view value) {
  constexpr Choice<LogLevel> kChoices[] = {{"error", LogLevel::error},
                                           {"warn", LogLevel::warn},
                                           {"info", LogLevel::info},
                                           {"debug", LogLevel::debug}};
  return choose(kChoices, value, options.log_level) ? "" : "error, warn, info or debug";
}

std::string_view set_log_format(Options& options, std::string_view value) {
  constexpr Choice<LogFormat> kChoices[] = {{"text", LogFormat::text}, {"json", LogFormat::json}};
  return choose(kChoices, value, options.log_format) ? "" : "text or json";
}

std::string_view set_log_file(Options& options, std::string_view value) {
  if (value.empty()) return "the path of a file";
  options.log_file = value;
  return {};
}

// The order is that of --help and the man page.
constexpr OptionInfo kOptions[] = {
    {"--max-in-flight", "N", "100",
     "Requests that may be open at once. One more is refused at once with error -31001. A reserve "
     "of "
     "32 comes on top for initialize, ping, server/discover, subscriptions/listen "
     "and tasks/get, cancel and update.",
     set_max_in_flight},
    {"--queue", "M", "0",
     "Requests that may wait for a slot when all are taken, first in, first out. Their timeout "
     "begins when the server has them; they can be cancelled before.",
     set_queue},
    {"--queue-timeout", "D", "30s",
     "How long a request may wait for a slot; 0: for ever. Then the client gets error -31006.",
     set_router_duration<&RouterConfig::queue_timeout>},
    {"--queue-bytes", "SIZE", "64M",
     "How many bytes the requests that wait may have together. One more is refused.",
     set_queue_bytes},
    {"--timeout", "D", "5m",
     "How long a request may take from the moment the server has it; 0: for ever. Then the client "
     "gets error -31002 and the server is asked to cancel. Progress starts the time again.",
     set_router_duration<&RouterConfig::timeout>},
    {"--timeout-for", "METHOD=D", "",
     "The same for one method, or with tools/call:NAME=D for one tool, which comes first. May be "
     "given up to 200 times.",
     add_timeout_rule},
    {"--max-timeout", "D", "30m", "How long a request may take however much progress it makes.",
     set_router_duration<&RouterConfig::max_timeout>},
    {"--start-timeout", "D", "60s", "How long initialize may take.",
     set_router_duration<&RouterConfig::start_timeout>},
    {"--max-line", "SIZE", "64M",
     "The longest line either side may send. A longer one is thrown away and answered with an "
     "error.",
     set_max_line},
    {"--drain", "D", "30s",
     "How long open requests are waited for when the client has closed its end.",
     set_duration<&Options::drain>},
    {"--grace", "D", "500ms",
     "How long the server is given to end when its stdin is closed, before SIGTERM, and as long "
     "again "
     "before SIGKILL.",
     set_duration<&Options::grace>},
    {"--kill-mode", "MODE", "all",
     "What is killed when the server is over: all that it has started, or with group not what has "
     "left its process group (daemons started on purpose).",
     set_kill_mode},
    {"--restart", "WHEN", "on-failure",
     "Whether a server that ends by itself is started again: never, on-failure or always. An exit "
     "with status 0 while no request is open is no failure.",
     set_restart},
    {"--max-restarts", "N", "5", "How often within a minute.", set_max_restarts},
    {"--watch", "FILE", "",
     "Replace the server when this file has changed, as after SIGUSR2: the new one takes over when "
     "its session is open, the old one finishes what it has. May be given up to 8 times.",
     add_watched},
    {"--server-stderr", "HOW", "pass",
     "What becomes of the server's stderr, and of lines on its stdout that are no messages: pass "
     "(on "
     "to our stderr), log or discard.",
     set_server_stderr},
    {"--log-level", "LEVEL", "warn", "What is logged: error, warn, info or debug.", set_log_level},
    {"--log-format", "FORMAT", "text", "How: text or json.", set_log_format},
    {"--log-file", "FILE", "", "Where, instead of stderr. The file is appended to.", set_log_file},
    {"--help", "", "", "Show this text.", nullptr},
    {"--version", "", "", "Show the version.", nullptr},
};

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

const OptionInfo* option_named(std::string_view name) {
  for (const OptionInfo& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

}  // namespace

std::span<const OptionInfo> all_options() {
  return kOptions;
}

std::variant<Options, Show, UsageError> parse_options(std::span<const char* const> words) {
  Options options;
  std::size_t i = 0;
  for (; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (word.empty() || word[0] != '-') break;
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    if (name == "--help" || name == "-h") return Show{help_text()};
    if (name == "--version") return Show{"stdiogate " + std::string(kVersion) + "\n"};
    const OptionInfo* option = option_named(name);
    if (!option) return UsageError{"unknown option " + quoted(name)};
    if (equals == word.size() && i + 1 == words.size())
      return UsageError{"option " + quoted(name) + " needs a value"};
    const std::string_view value = equals < word.size() ? word.substr(equals + 1) : words[++i];
    const std::string_view expected = option->set(options, value);
    if (!expected.empty()) {
      return UsageError{"option " + quoted(name) + ": " + quoted(value) + " is not " +
                        std::string(expected)};
    }
  }
  options.server.argv.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  if (options.server.argv.empty()) return UsageError{"no COMMAND given"};
  if (options.server.argv[0].empty()) return UsageError{"COMMAND is empty"};
  return options;
}

}  // namespace stdiogate
