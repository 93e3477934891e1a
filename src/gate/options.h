#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stdiogate/router.h"

#include "src/gate/restart_policy.h"
#include "src/limits.h"
#include "src/process/child_process.h"
#include "src/report/log.h"

namespace stdiogate {

/// What becomes of the server's stderr.
enum class StderrMode : std::uint8_t { pass, log, discard };

/// What the command line says.
struct Options {
  RouterConfig router;
  Duration drain = std::chrono::seconds(30);
  Duration grace = std::chrono::seconds(2);
  Duration signal_grace = kSignalGrace;  // after a signal to the gate; as `grace` if that is given
  Duration idle_stop{};                  // zero: never
  RestartMode restart = RestartMode::on_failure;
  std::uint32_t max_restarts = 5;
  std::vector<std::string> watched;  // paths of files
  StderrMode server_stderr = StderrMode::pass;
  LogLevel log_level = LogLevel::warn;
  LogFormat log_format = LogFormat::text;
  std::string log_file;  // empty: stderr
  std::string trace;     // paths of files; empty: none
  std::string record;
  std::string metrics_file;
  std::uint64_t file_limit = std::uint64_t{64} << 20;  // of a file of ours; 0: none
  ServerCommand server;

  [[nodiscard]] Ladder ladder() const { return {.grace = grace, .kill_grace = grace}; }

  bool operator==(const Options&) const = default;
};

/// One option. Parsing, --help and the check of the man page all read the same table of them.
struct OptionInfo {
  std::string_view name;      // with its dashes
  std::string_view argument;  // how --help names it; empty: takes none
  std::string_view standard;  // the default as one would write it; empty: none
  std::string_view sentence;  // what it does, in a few words
  /// Stores the value. Returns an empty text, or what it should have been ("a number from 1 to 9").
  /// Null: --help and --version, which store nothing.
  std::string (*set)(Options& options, std::string_view value);
  std::span<const std::string_view> names = {};  // all that the value may be, if that is a list
  bool repeats = false;                          // it may be given several times
};

/// In the order of --help and the man page.
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

}  // namespace stdiogate
