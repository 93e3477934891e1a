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

/// A setter of the member that this path leads to.
template <auto... Path>
constexpr auto put = [](Options& options, auto value) {
  auto& place = follow(options, Path...);
  place = static_cast<std::remove_reference_t<decltype(place)>>(value);
};

constexpr auto put_max_timeout = [](Options& options, Duration value) {
  options.router.max_timeout = value != Duration::zero() ? value : kLongestDuration;
};

constexpr auto put_grace = [](Options& options, Duration value) {
  options.grace = options.signal_grace = value;
};

// clang-format off
constexpr OptionInfo kOptions[] = {
    {"--max-in-flight", "N", "100", "Requests open at once; one more gets an error",
     NumberValue{1, kMostInFlight, put<&Options::router, &RouterConfig::max_in_flight>}},
    {"--queue", "M", "0", "Requests that may wait for a slot",
     NumberValue{0, kMostInFlight, put<&Options::router, &RouterConfig::queue>}},
    {"--queue-timeout", "D", "30s", "How long each may wait; 0: forever",
     DurationValue{put<&Options::router, &RouterConfig::queue_timeout>}},
    {"--queue-bytes", "SIZE", "64M", "Bytes of all that wait together",
     SizeValue{0, kLongestLine, put<&Options::router, &RouterConfig::queue_bytes>}},
    {"--timeout", "D", "1h", "How long a request may take; 0: forever",
     DurationValue{put<&Options::router, &RouterConfig::timeout>}},
    {"--timeout-for", "METHOD=D", "", "The same for one METHOD, or tools/call:NAME",
     TimeoutRuleValue{200}},
    {"--max-timeout", "D", "24h", "Longest time even with progress; 0: forever",
     DurationValue{put_max_timeout}},
    {"--start-timeout", "D", "15m", "How long initialize may take; 0: forever",
     DurationValue{put<&Options::router, &RouterConfig::start_timeout>}},
    {"--max-line", "SIZE", "512M", "Longest line of either side",
     SizeValue{64, kLongestLine, put<&Options::router, &RouterConfig::max_line>}},
    {"--drain", "D", "30s", "How long to wait for answers after end of input",
     DurationValue{put<&Options::drain>}},
    {"--grace", "D", "2s", "How long the server has to end, then SIGTERM",
     DurationValue{put_grace}},
    {"--idle-stop", "D", "0", "Stop the server when idle for this long; 0: never",
     DurationValue{put<&Options::idle_stop>}},
    {"--kill-mode", "MODE", "leaks", "What ends with the server: leaks, all or group",
     ChoiceValue{kKillModes, put<&Options::server, &ServerCommand::kill_mode>}},
    {"--restart", "WHEN", "on-failure", "never, on-failure or always",
     ChoiceValue{kRestartModes, put<&Options::restart>}},
    {"--max-restarts", "N", "5", "Restarts within a minute",
     NumberValue{0, 1000, put<&Options::max_restarts>}},
    {"--watch", "FILE", "", "Replace the server when FILE changes",
     FilesValue{8}},
    {"--server-stderr", "HOW", "pass", "The server's stderr: pass, log or discard it",
     ChoiceValue{kStderrModes, put<&Options::server_stderr>}},
    {"--log-level", "LEVEL", "warn", "error, warn, info or debug",
     ChoiceValue{kLogLevels, put<&Options::log_level>}},
    {"--log-format", "FORMAT", "text", "text or json",
     ChoiceValue{kLogFormats, put<&Options::log_format>}},
    {"--log-file", "FILE", "", "Where to log instead of stderr",
     FileValue{put<&Options::log_file>}},
    {"--trace", "FILE", "", "Write a record of each request, as JSON lines",
     FileValue{put<&Options::trace>}},
    {"--record", "FILE", "", "Write every line both ways, as mcpsnoop reads it",
     FileValue{put<&Options::record>}},
    {"--metrics-file", "FILE", "", "Write metrics in Prometheus' text format",
     FileValue{put<&Options::metrics_file>}},
    {"--file-limit", "SIZE", "64M", "Largest log, trace or record; 0: no limit",
     SizeValue{4096, std::uint64_t{1} << 40, put<&Options::file_limit>, true}},
    {"--help", "[TOPIC]", "", "This text, or: errors, statistics, limits, trace",
     TopicValue{kHelpTopics}},
    {"--version", "", "", "The version",
     TopicValue{}},
};
// clang-format on

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

/// Stores a value in the way of its kind; `expected` is as `set_option` returns it.
struct Setter {
  Options& options;
  std::string_view value;

  std::string operator()(const DurationValue& kind) const {
    const auto duration = parse_duration(value);
    if (!duration) return "a duration such as 200ms, 1.5s, 5m or 1h";
    kind.set(options, *duration);
    return {};
  }

  std::string operator()(const NumberValue& kind) const {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool whole = error == std::errc{} && end == value.data() + value.size();
    if (!whole || number < kind.least || number > kind.most)
      return "a number from " + std::to_string(kind.least) + " to " + std::to_string(kind.most);
    kind.set(options, number);
    return {};
  }

  std::string operator()(const SizeValue& kind) const {
    const auto size = parse_size(value);
    const bool none = kind.or_zero && size && *size == 0;
    if (!size || *size > kind.most || (*size < kind.least && !none)) {
      return (kind.or_zero ? "0 or a size from " : "a size from ") + format_size(kind.least) +
             " to " + format_size(kind.most) + ", in bytes or with K, M or G";
    }
    kind.set(options, *size);
    return {};
  }

  std::string operator()(const ChoiceValue& kind) const {
    const auto name = std::ranges::find(kind.names, value);
    if (name == kind.names.end()) return listed(kind.names);
    kind.set(options, static_cast<std::size_t>(name - kind.names.begin()));
    return {};
  }

  std::string operator()(const FileValue& kind) const {
    if (value.empty()) return "the path of a file";
    kind.set(options, value);
    return {};
  }

  std::string operator()(const FilesValue& kind) const {
    if (value.empty()) return "the path of a file";
    if (options.watched.size() == kind.most)
      return "allowed: at most " + std::to_string(kind.most) + " such files";
    options.watched.emplace_back(value);
    return {};
  }

  std::string operator()(const TimeoutRuleValue& kind) const {
    constexpr const char* kExpected = "METHOD=DURATION or tools/call:NAME=DURATION";
    const std::size_t equals = value.rfind('=');
    const std::string_view name = value.substr(0, equals);
    if (equals == std::string_view::npos || name.empty() || name == "tools/call:") return kExpected;
    const auto duration = parse_duration(value.substr(equals + 1));
    if (!duration) return kExpected;
    auto& rules = options.router.timeout_rules;
    if (rules.size() == kind.most)
      return "allowed: at most " + std::to_string(kind.most) + " such rules";
    rules.push_back({std::string(name), *duration});
    return {};
  }

  std::string operator()(const TopicValue&) const { return {}; }
};

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

std::string set_option(const OptionInfo& option, Options& options, std::string_view value) {
  return std::visit(Setter{options, value}, option.value);
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
    const std::string expected = set_option(*option, options, value);
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
