#include "src/gate/options.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "src/gate/help.h"
#include "src/limits.h"
#include "src/report/stats.h"
#include "src/text.h"
#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

auto parse(std::vector<const char*> words) {
  return parse_options(words);
}

Options good(std::vector<const char*> words) {
  words.push_back("server");
  const auto parsed = parse(words);
  REQUIRE(std::holds_alternative<Options>(parsed));
  return std::get<Options>(parsed);
}

std::string wrong(std::vector<const char*> words) {
  const auto parsed = parse(words);
  REQUIRE(std::holds_alternative<UsageError>(parsed));
  return std::get<UsageError>(parsed).what;
}

struct Directory {
  Directory() { REQUIRE(::mkdtemp(path.data())); }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path = "/tmp/stdiogate-options-XXXXXX";
};

TEST_CASE("options: end at the first word that is none, or at two dashes") {
  const std::vector<std::string> expected = {"server", "-x", "--", "y"};
  CHECK(std::get<Options>(parse({"server", "-x", "--", "y"})).server.argv == expected);
  CHECK(std::get<Options>(parse({"--", "server", "-x", "--", "y"})).server.argv == expected);
  CHECK(std::get<Options>(parse({"--timeout", "1s", "server", "-x", "--", "y"})).server.argv ==
        expected);
  CHECK(std::get<Options>(parse({"--", "--server"})).server.argv ==
        std::vector<std::string>{"--server"});
}

TEST_CASE("options: have the defaults they are said to have") {
  for (const OptionInfo& option : all_options()) {
    if (option.standard.empty()) continue;
    Options options;
    INFO(option.name);
    CHECK(option.set(options, option.standard).empty());
    options.signal_grace = Options{}.signal_grace;  // --grace sets that, too
    CHECK(options == Options{});
  }
}

TEST_CASE("options: without a longest time it is as long as any") {
  CHECK(good({"--max-timeout", "0"}).router.max_timeout == kLongestDuration);
}

TEST_CASE("options: take their value as the next word or behind an equals sign") {
  CHECK(good({"--max-in-flight", "5"}).router.max_in_flight == 5);
  CHECK(good({"--max-in-flight=5"}).router.max_in_flight == 5);
  CHECK(good({"--timeout", "90s"}).router.timeout == 90s);
  CHECK(good({"--timeout=0"}).router.timeout == 0s);
  CHECK(good({"--max-timeout", "1h"}).router.max_timeout == 1h);
  CHECK(good({"--start-timeout", "5s"}).router.start_timeout == 5s);
  CHECK(good({"--max-line", "1M"}).router.max_line == 1u << 20);
  CHECK(good({"--queue", "7"}).router.queue == 7);
  CHECK(good({"--queue", "0"}).router.queue == 0);
  CHECK(good({"--queue-timeout", "0"}).router.queue_timeout == 0s);
  CHECK(good({"--queue-bytes", "5K"}).router.queue_bytes == 5120);
  CHECK(good({"--drain", "1s"}).drain == 1s);
  CHECK(good({"--grace", "100ms"}).grace == 100ms);
  CHECK(good({"--grace", "10s"}).signal_grace == 10s);
  CHECK(good({}).signal_grace == 700ms);
  CHECK(good({"--server-stderr", "log"}).server_stderr == StderrMode::log);
  CHECK(good({"--server-stderr=discard"}).server_stderr == StderrMode::discard);
  CHECK(good({"--log-level", "debug"}).log_level == LogLevel::debug);
  CHECK(good({"--log-format", "json"}).log_format == LogFormat::json);
  CHECK(good({"--log-file", "a=b"}).log_file == "a=b");
}

TEST_CASE("options: a timeout rule may hold colons and equals signs in its name") {
  const auto rules =
      good({"--timeout-for", "resources/read=5s", "--timeout-for=tools/call:a=b:c=1m"})
          .router.timeout_rules;
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].name == "resources/read");
  CHECK(rules[0].timeout == 5s);
  CHECK(rules[1].name == "tools/call:a=b:c");
  CHECK(rules[1].timeout == 1min);
}

TEST_CASE("options: what is wrong is named, and what it should have been") {
  CHECK(wrong({}) == "no COMMAND given");
  CHECK(wrong({"--"}) == "no COMMAND given");
  CHECK(wrong({""}) == "COMMAND is empty");
  CHECK(wrong({"--foo", "x"}) == "unknown option '--foo'");
  CHECK(wrong({"--foo=bar", "x"}) == "unknown option '--foo'");
  CHECK(wrong({"-x"}) == "unknown option '-x'");
  CHECK(wrong({"-"}) == "unknown option '-'");
  CHECK(wrong({"--timeout"}) == "option '--timeout' needs a value");
  CHECK(wrong({"--max-in-flight", "0", "x"}) ==
        "option '--max-in-flight': '0' is not a number from 1 to 100000");
  for (const char* bad : {"-1", "1x", "", "100001", "99999999999999999999", "1.5", " 1"})
    CHECK(wrong({"--max-in-flight", bad, "x"}).find("is not a number") != std::string::npos);
  CHECK(wrong({"--timeout", "5", "x"}) ==
        "option '--timeout': '5' is not a duration such as 200ms, 1.5s, 5m or 1h");
  CHECK(wrong({"--max-line", "1", "x"}).find("is not a size") != std::string::npos);
  CHECK(wrong({"--max-line", "5G", "x"}).find("is not a size") != std::string::npos);
  for (const char* bad : {"-1", "", "100001", "x"})
    CHECK(wrong({"--queue", bad, "x"}).ends_with("is not a number from 0 to 100000"));
  CHECK(wrong({"--queue-bytes", "5G", "x"}).find("is not a size") != std::string::npos);
  for (const char* bad : {"m", "=5s", "m=", "m=x", "5s", "tools/call:=5s"})
    CHECK(wrong({"--timeout-for", bad, "x"}).find("METHOD=DURATION") != std::string::npos);
  CHECK(wrong({"--server-stderr", "x", "x"}).ends_with("is not pass, log or discard"));
  CHECK(wrong({"--log-level", "x", "x"}).ends_with("is not error, warn, info or debug"));
  CHECK(wrong({"--log-format", "x", "x"}).ends_with("is not text or json"));
  CHECK(wrong({"--log-file", "", "x"}).ends_with("is not the path of a file"));
}

TEST_CASE("options: the number of timeout rules has a limit") {
  std::vector<const char*> words;
  for (int i = 0; i < 200; ++i)
    words.insert(words.end(), {"--timeout-for", "m=1s"});
  CHECK(good(words).router.timeout_rules.size() == 200);
  words.insert(words.end(), {"--timeout-for", "m=1s", "x"});
  CHECK(wrong(words).ends_with("is not allowed: at most 200 such rules"));
}

/// Why two options may not have these files; empty: they may.
std::string fault_of_files(const std::string& log, const std::string& trace,
                           const char* limit = "64M") {
  const auto parsed =
      parse({"--log-file", log.c_str(), "--trace", trace.c_str(), "--file-limit", limit, "x"});
  const auto* error = std::get_if<UsageError>(&parsed);
  return error ? error->what : "";
}

TEST_CASE("options: two of them that name one file are refused") {
  const Directory made;
  const std::string file = made.path + "/file";
  const std::string link = made.path + "/link";
  const std::string fifo = made.path + "/fifo";
  CHECK(fault_of_files(file, file) ==
        "options '--log-file' and '--trace' name one file, '" + file + "'");
  CHECK(fault_of_files(file, made.path + "/./file") != "");
  CHECK(fault_of_files(made.path + "/none/file", made.path + "/none/../none/file") != "");
  CHECK(fault_of_files("new", "./new") != "");
  CHECK(fault_of_files(file, link) == "");
  std::ofstream(file) << "it exists";
  CHECK(fault_of_files(file, file) != "");
  std::filesystem::create_hard_link(file, link);
  CHECK(fault_of_files(file, link) != "");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(fault_of_files(fifo, fifo) == "");
  CHECK(fault_of_files("/dev/null", "/dev/null") == "");
  CHECK(fault_of_files("/dev/stderr", "/dev/stderr") == "");
  CHECK(std::holds_alternative<UsageError>(
      parse({"--metrics-file", "m", "--record=r", "--trace=./m", "x"})));
}

TEST_CASE("options: a link to a file that is not there yet names that file") {
  const Directory made;
  const std::string file = made.path + "/file";
  const std::string link = made.path + "/link";
  const std::string loop = made.path + "/loop";
  std::filesystem::create_symlink("file", link);
  std::filesystem::create_symlink("link", made.path + "/further");
  std::filesystem::create_symlink(loop, loop);
  CHECK(fault_of_files(file, link) != "");
  CHECK(fault_of_files(made.path + "/further", file) != "");
  CHECK(fault_of_files(made.path + "/other", link) == "");
  CHECK(fault_of_files(loop, file) == "");
}

TEST_CASE("options: no file is one that another option's file is renamed to or made of") {
  const Directory made;
  const std::string file = made.path + "/file";
  const std::string full = file + ".1";
  const std::string half = file + ".new";
  CHECK(fault_of_files(file, full) ==
        "options '--log-file' and '--trace' would write one file, '" + full + "'");
  CHECK(fault_of_files(full, file) != "");
  CHECK(fault_of_files(file, full, "0") == "");
  CHECK(fault_of_files(file, half) == "");
  CHECK(wrong({"--trace", half.c_str(), "--metrics-file", file.c_str(), "x"}) ==
        "options '--trace' and '--metrics-file' would write one file, '" + half + "'");
  CHECK(good({"--trace", full.c_str(), "--metrics-file", file.c_str()}).trace == full);
}

TEST_CASE("options: help and version are shown instead of anything else") {
  for (const char* word : {"--help", "-h", "--version"})
    CHECK(std::holds_alternative<Show>(parse({"--timeout", "1s", word, "--nonsense"})));
  CHECK(std::get<Show>(parse({"--version"})).text.starts_with("stdiogate "));
}

TEST_CASE("options: help on a topic is shown, on anything else refused") {
  for (const std::string_view topic : kHelpTopics) {
    const std::string word = "--help=" + std::string(topic);
    CHECK(std::get<Show>(parse({"--help", topic.data()})).text == help_text(topic));
    CHECK(std::get<Show>(parse({word.c_str()})).text == help_text(topic));
  }
  CHECK(wrong({"--help", "me"}) == "no help on 'me', only on errors, statistics, limits or trace");
  CHECK(std::get<Show>(parse({"--help", "--nonsense"})).text == help_text());
}

TEST_CASE("options: know what their values may be") {
  for (const OptionInfo& option : all_options()) {
    INFO(option.name);
    if (option.names.empty() || !option.set) continue;
    Options options;
    for (const std::string_view name : option.names)
      CHECK(option.set(options, name).empty());
    CHECK_FALSE(option.set(options, "x").empty());
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at += lines.back().size() + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  return lines;
}

TEST_CASE("options: help has a line for each option, and fits a screen of 80 columns") {
  const std::string help = help_text();
  for (const OptionInfo& option : all_options())
    CHECK(help.find("\n  " + std::string(option.name)) != std::string::npos);
  CHECK(lines_of(help).size() <= 45);
  for (const std::string_view topic : kHelpTopics)
    CHECK(help.find(topic) != std::string::npos);
}

TEST_CASE("options: help on a topic has every error, statistic and limit") {
  for (const ReasonInfo& reason : kReasons)
    CHECK(help_text("errors").find(std::to_string(reason.code) + " " + std::string(reason.name)) !=
          std::string::npos);
  for (const StatisticInfo& statistic : all_statistics())
    CHECK(help_text("statistics").find("  " + std::string(statistic.name)) != std::string::npos);
  for (const FixedLimit& limit : kFixedLimits)
    CHECK(help_text("limits").find("  " + std::string(limit.name)) != std::string::npos);
  for (const std::string& text :
       {help_text(), help_text("errors"), help_text("statistics"), help_text("limits")}) {
    for (const std::string& line : lines_of(text)) {
      INFO(line);
      CHECK(line.size() <= 82);
    }
  }
}

}  // namespace
}  // namespace stdiogate
