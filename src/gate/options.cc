#include "src/gate/options.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "src/gate/help.h"
#include "src/io/target.h"
#include "src/text.h"

namespace stdiogate {

namespace {

// Each in the order of its enum.
constexpr std::string_view kKillModes[] = {"leaks", "all", "group"};
constexpr std::string_view kRestartModes[] = {"never", "on-failure", "always"};
constexpr std::string_view kStderrModes[] = {"pass", "log", "discard"};
constexpr std::string_view kLogFormats[] = {"text", "json"};

/// The member that these member pointers lead to.
template <class Object>
Object& follow(Object& object) {
  return object;
}
template <class Object, class Member, class... Rest>
auto& follow(Object& object, Member member, Rest... rest) {
  return follow(object.*member, rest...);
}

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

/// "a, b or c"
std::string listed(std::span<const std::string_view> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

// Each of these stores a value of one kind in the member that `Path` leads to, see OptionInfo::set.

template <auto... Path>
std::string set_duration(Options& options, std::string_view value) {
  const auto duration = parse_duration(value);
  if (!duration) return "a duration such as 200ms, 1.5s, 5m or 1h";
  follow(options, Path...) = *duration;
  return {};
}

template <std::uint32_t least, std::uint32_t most, auto... Path>
std::string set_number(Options& options, std::string_view value) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc{} && end == value.data() + value.size();
  if (!whole || number < least || number > most)
    return "a number from " + std::to_string(least) + " to " + std::to_string(most);
  follow(options, Path...) = number;
  return {};
}

/// Whether 0 may be given though it is less than the least.
enum class Zero : bool { no, too };

template <std::uint64_t least, std::uint64_t most, Zero zero, auto... Path>
std::string set_size(Options& options, std::string_view value) {
  const auto size = parse_size(value);
  const bool none = zero == Zero::too && size && *size == 0;
  if (!size || *size > most || (*size < least && !none)) {
    return (zero == Zero::too ? "0 or a size from " : "a size from ") + format_size(least) +
           " to " + format_size(most) + ", in bytes or with K, M or G";
  }
  follow(options, Path...) = *size;
  return {};
}

template <const auto& names, auto... Path>
std::string set_choice(Options& options, std::string_view value) {
  const auto name = std::ranges::find(names, value);
  if (name == std::end(names)) return listed(names);
  auto& place = follow(options, Path...);
  place = static_cast<std::remove_reference_t<decltype(place)>>(name - std::begin(names));
  return {};
}

template <auto... Path>
std::string set_file(Options& options, std::string_view value) {
  if (value.empty()) return "the path of a file";
  follow(options, Path...) = value;
  return {};
}

std::string set_max_timeout(Options& options, std::string_view value) {
  auto& timeout = options.router.max_timeout;
  std::string expected = set_duration<&Options::router, &RouterConfig::max_timeout>(options, value);
  if (timeout == Duration::zero()) timeout = kLongestDuration;
  return expected;
}

std::string set_grace(Options& options, std::string_view value) {
  std::string expected = set_duration<&Options::grace>(options, value);
  options.signal_grace = options.grace;
  return expected;
}

std::string add_watched(Options& options, std::string_view value) {
  constexpr std::size_t kMost = 8;
  if (value.empty()) return "the path of a file";
  if (options.watched.size() == kMost)
    return "allowed: at most " + std::to_string(kMost) + " such files";
  options.watched.emplace_back(value);
  return {};
}

std::string add_timeout_rule(Options& options, std::string_view value) {
  constexpr std::size_t kMost = 200;
  constexpr const char* kExpected = "METHOD=DURATION or tools/call:NAME=DURATION";
  const std::size_t equals = value.rfind('=');
  const std::string_view name = value.substr(0, equals);
  if (equals == std::string_view::npos || name.empty() || name == "tools/call:") return kExpected;
  const auto duration = parse_duration(value.substr(equals + 1));
  if (!duration) return kExpected;
  auto& rules = options.router.timeout_rules;
  if (rules.size() == kMost) return "allowed: at most " + std::to_string(kMost) + " such rules";
  rules.push_back({std::string(name), *duration});
  return {};
}

// clang-format off
constexpr OptionInfo kOptions[] = {
    {"--max-in-flight", "N", "100", "Requests open at once; one more gets an error",
     set_number<1, kMostInFlight, &Options::router, &RouterConfig::max_in_flight>},
    {"--queue", "M", "0", "Requests that may wait for a slot",
     set_number<0, kMostInFlight, &Options::router, &RouterConfig::queue>},
    {"--queue-timeout", "D", "30s", "How long each may wait; 0: forever",
     set_duration<&Options::router, &RouterConfig::queue_timeout>},
    {"--queue-bytes", "SIZE", "64M", "Bytes of all that wait together",
     set_size<0, kLongestLine, Zero::no, &Options::router, &RouterConfig::queue_bytes>},
    {"--timeout", "D", "1h", "How long a request may take; 0: forever",
     set_duration<&Options::router, &RouterConfig::timeout>},
    {"--timeout-for", "METHOD=D", "", "The same for one METHOD, or tools/call:NAME",
     add_timeout_rule, {}, true},
    {"--max-timeout", "D", "24h", "Longest time even with progress; 0: forever",
     set_max_timeout},
    {"--start-timeout", "D", "15m", "How long initialize may take; 0: forever",
     set_duration<&Options::router, &RouterConfig::start_timeout>},
    {"--max-line", "SIZE", "512M", "Longest line of either side",
     set_size<64, kLongestLine, Zero::no, &Options::router, &RouterConfig::max_line>},
    {"--drain", "D", "30s", "How long to wait for answers after end of input",
     set_duration<&Options::drain>},
    {"--grace", "D", "2s", "How long the server has to end, then SIGTERM",
     set_grace},
    {"--idle-stop", "D", "0", "Stop the server when idle for this long; 0: never",
     set_duration<&Options::idle_stop>},
    {"--kill-mode", "MODE", "leaks", "What ends with the server: leaks, all or group",
     set_choice<kKillModes, &Options::server, &ServerCommand::kill_mode>, kKillModes},
    {"--restart", "WHEN", "on-failure", "never, on-failure or always",
     set_choice<kRestartModes, &Options::restart>, kRestartModes},
    {"--max-restarts", "N", "5", "Restarts within a minute",
     set_number<0, 1000, &Options::max_restarts>},
    {"--watch", "FILE", "", "Replace the server when FILE changes",
     add_watched, {}, true},
    {"--server-stderr", "HOW", "pass", "The server's stderr: pass, log or discard it",
     set_choice<kStderrModes, &Options::server_stderr>, kStderrModes},
    {"--log-level", "LEVEL", "warn", "error, warn, info or debug",
     set_choice<kLogLevels, &Options::log_level>, kLogLevels},
    {"--log-format", "FORMAT", "text", "text or json",
     set_choice<kLogFormats, &Options::log_format>, kLogFormats},
    {"--log-file", "FILE", "", "Where to log instead of stderr",
     set_file<&Options::log_file>},
    {"--trace", "FILE", "", "Write a record of each request, as JSON lines",
     set_file<&Options::trace>},
    {"--record", "FILE", "", "Write every line both ways, as mcpsnoop reads it",
     set_file<&Options::record>},
    {"--metrics-file", "FILE", "", "Write metrics in Prometheus' text format",
     set_file<&Options::metrics_file>},
    {"--file-limit", "SIZE", "64M", "Largest log, trace or record; 0: no limit",
     set_size<4096, std::uint64_t{1} << 40, Zero::too, &Options::file_limit>},
    {"--help", "[TOPIC]", "", "This text, or: errors, statistics, limits, trace",
     nullptr, kHelpTopics},
    {"--version", "", "", "The version",
     nullptr},
};
// clang-format on

/// Whether this may serve several: what is no regular file, or a stream that is open already.
bool may_be_shared(std::string_view path) {
  std::error_code error;
  const auto file = std::filesystem::status(path, error);
  const bool is_special = std::filesystem::exists(file) && !std::filesystem::is_regular_file(file);
  return is_special || target_of(path).empty();
}

/// Whether both paths lead to one file, or will when it is made.
bool is_same_file(std::string_view a, std::string_view b) {
  std::error_code error;
  if (may_be_shared(a) || may_be_shared(b)) return false;
  return std::filesystem::equivalent(a, b, error) || target_of(a) == target_of(b);
}

/// An option's file, and what is added to the name of a further one that it writes.
struct WrittenFile {
  std::string_view option;
  std::string_view path;
  std::string_view suffix;  // empty: none

  [[nodiscard]] bool writes_further(std::string_view other) const {
    if (suffix.empty() || may_be_shared(path)) return false;
    return is_same_file(target_of(path).append(suffix), other);
  }
};

/// Two options that name or write one file, in a sentence; empty if there are none.
std::string shared_file(const Options& options) {
  const std::string_view full = options.file_limit > 0 ? ".1" : "";
  const WrittenFile files[] = {{"--log-file", options.log_file, full},
                               {"--trace", options.trace, full},
                               {"--record", options.record, full},
                               {"--metrics-file", options.metrics_file, ".new"}};
  for (auto one = std::begin(files); one != std::end(files); ++one) {
    for (auto other = one + 1; other != std::end(files); ++other) {
      if (one->path.empty() || other->path.empty()) continue;
      const bool named = is_same_file(one->path, other->path);
      const bool overwritten = other->writes_further(one->path);
      if (named || overwritten || one->writes_further(other->path))
        return "options " + quoted(one->option) + " and " + quoted(other->option) +
               (named ? " name one file, " : " would write one file, ") +
               quoted(overwritten ? one->path : other->path);
    }
  }
  return {};
}

/// The text for --help, given what follows it: a topic, unless that is an option or nothing.
std::variant<Options, Show, UsageError> show_help(std::string_view topic) {
  if (topic.empty() || topic[0] == '-') return Show{help_text()};
  if (std::ranges::count(kHelpTopics, topic) == 0)
    return UsageError{"no help on " + quoted(topic) + ", only on " + listed(kHelpTopics)};
  return Show{help_text(topic)};
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
    const bool has_value = equals < word.size() || i + 1 < words.size();
    std::string_view value = equals < word.size() ? word.substr(equals + 1) : "";
    if (equals == word.size() && has_value) value = words[i + 1];
    if (name == "--help" || name == "-h") return show_help(value);
    if (name == "--version") return Show{"stdiogate " + std::string(kVersion) + "\n"};
    const auto option = std::ranges::find(kOptions, name, &OptionInfo::name);
    if (option == std::end(kOptions)) return UsageError{"unknown option " + quoted(name)};
    if (!has_value) return UsageError{"option " + quoted(name) + " needs a value"};
    i += equals == word.size();
    const std::string expected = option->set(options, value);
    if (!expected.empty())
      return UsageError{"option " + quoted(name) + ": " + quoted(value) + " is not " + expected};
  }
  options.server.argv.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  if (options.server.argv.empty()) return UsageError{"no COMMAND given"};
  if (options.server.argv[0].empty()) return UsageError{"COMMAND is empty"};
  if (std::string fault = shared_file(options); !fault.empty()) return UsageError{std::move(fault)};
  options.router.observe_lines = !options.record.empty();
  options.router.observe_details = !options.trace.empty() || !options.metrics_file.empty();
  return options;
}

}  // namespace stdiogate
