#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stdiogate/router.h"

#include "src/gate/restart_policy.h"
#include "src/gate/server_stderr.h"
#include "src/process/watcher.h"
#include "src/report/log.h"

namespace stdiogate {

/// What the command line says.
struct Options {
  RouterConfig router;
  Duration drain = std::chrono::seconds(30);
  Duration grace = std::chrono::milliseconds(500);
  RestartMode restart = RestartMode::on_failure;
  std::uint32_t max_restarts = 5;
  std::vector<std::string> watched;  // paths of files
  StderrMode server_stderr = StderrMode::pass;
  LogLevel log_level = LogLevel::warn;
  LogFormat log_format = LogFormat::text;
  std::string log_file;  // empty: stderr
  ServerCommand server;
};

/// One option. Parsing, --help and the check of the man page all read the same table of them.
struct OptionInfo {
  std::string_view name;      // with its dashes
  std::string_view argument;  // how --help names it; empty: takes none
  std::string_view standard;  // the default as one would write it; empty: none
  std::string_view sentence;  // what it does
  /// Takes the value over. Returns what it should have been ("a number from 1 to 9"), or nothing.
  std::string_view (*set)(Options& options, std::string_view value);
};

[[nodiscard]] std::span<const OptionInfo> all_options();

/// The command line asks for this text and nothing else.
struct Show {
  std::string text;
};

/// The command line is wrong: a sentence that names the word and what is wrong with it.
struct UsageError {
  std::string what;
};

/// Reads the words behind the program's name. Options end at the first word that is none, or `--`.
[[nodiscard]] std::variant<Options, Show, UsageError> parse_options(
    std::span<const char* const> words);

[[nodiscard]] std::string help_text();

inline constexpr std::string_view kVersion = STDIOGATE_VERSION;

}  // namespace stdiogate
