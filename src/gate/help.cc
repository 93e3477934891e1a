#include "src/gate/help.h"

#include <cstddef>
#include <filesystem>
#include <system_error>
#include <variant>

#include "stdiogate/gate_error.h"

#include "src/gate/options.h"
#include "src/limits.h"
#include "src/report/stats.h"
#include "src/text.h"

// What `make PREFIX=` has said.
#ifndef STDIOGATE_PREFIX
#define STDIOGATE_PREFIX "/usr/local"
#endif

namespace stdiogate {

namespace {

/// Appends `text` in lines of at most 80 columns, each beginning in column `indent`. No word is
/// longer than that.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent) {
  const std::size_t width = 80 - indent;
  while (text.size() > width) {
    const std::size_t space = text.rfind(' ', width);
    out.append(text.substr(0, space)).append("\n").append(indent, ' ');
    text.remove_prefix(space + 1);
  }
  out.append(text).append("\n");
}

/// A row of a table: its name, then what it means, from column `indent` on.
void append_row(std::string& out, std::string_view name, std::string_view sentence,
                std::size_t indent) {
  out.append("  ").append(name);
  out.append(name.size() + 2 < indent ? indent - name.size() - 2 : 1, ' ');
  append_wrapped(out, sentence, indent);
}

void append_option(std::string& out, const OptionInfo& option) {
  std::string name(option.name);
  if (!option.argument.empty()) name.append(" ").append(option.argument);
  std::string sentence(option.sentence);
  if (!option.standard.empty()) sentence.append(" [").append(option.standard).append("]");
  append_row(out, name, sentence, 26);
}

std::string errors() {
  std::string out = "Errors the gate itself answers with (data.from is \"stdiogate\"):\n";
  for (const ReasonInfo& reason : kReasons) {
    append_row(out, std::to_string(reason.code) + " " + std::string(reason.name), reason.meaning,
               28);
  }
  return out;
}

std::string statistics() {
  std::string out = "Statistics (a JSON line to stderr on SIGUSR1; logged at the end, at info):\n";
  for (const StatisticInfo& statistic : all_statistics())
    append_row(out, statistic.name, statistic.sentence, 22);
  append_row(out, "latencyMs", "per method: count, p50, p90, p99, max of all handed over", 22);
  return out;
}

std::string limits() {
  std::string out = "Limits that no option changes:\n";
  for (const FixedLimit& limit : kFixedLimits) {
    const auto* duration = std::get_if<Duration>(&limit.value);
    const std::string value =
        duration ? format_duration(*duration) : format_size(std::get<std::uint64_t>(limit.value));
    append_row(out, std::string(limit.name) + " " + value, limit.sentence, 24);
  }
  return out;
}

/// Where the page and the recipes are: beside the program, else where it was to be installed.
std::string shared_folder() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = program.parent_path().parent_path() / "share/stdiogate";
  const bool is_there = !error && std::filesystem::exists(beside / "trace.html", error);
  return is_there ? beside.string() : STDIOGATE_PREFIX "/share/stdiogate";
}

std::string trace() {
  const std::string folder = shared_folder();
  return "A trace, made by --trace FILE, has a JSON line for each request: stdiogate-trace(5).\n"
         "\n"
         "To see it, open this page in a browser and drop the file there:\n"
         "  " +
         folder +
         "/trace.html\n"
         "For Perfetto (ui.perfetto.dev) and chrome://tracing:\n"
         "  jq -n -f " +
         folder +
         "/chrome.jq FILE >trace.json\n"
         "For OpenTelemetry's tools (OTLP/JSON, one TracesData a line):\n"
         "  jq -c -f " +
         folder + "/otlp.jq FILE >traces.json\n";
}

}  // namespace

std::string help_text() {
  std::string out =
      "Usage: stdiogate [OPTION...] [--] COMMAND [ARGUMENT...]\n"
      "\n"
      "Runs COMMAND, an MCP server that speaks over stdin and stdout: restarts it when\n"
      "it crashes, answers when it does not, keeps its noise away from the client, and\n"
      "leaves no process behind.\n"
      "\n"
      "Try: stdiogate --timeout 2m -- npx -y @modelcontextprotocol/server-everything\n"
      "\n"
      "Options [default]; D: 200ms, 1.5s, 5m or 1h; SIZE: bytes, or with K, M or G:\n";
  for (const OptionInfo& option : all_options())
    append_option(out, option);
  out +=
      "\n"
      "Exit status: the server's own (128+signal if killed); 0 after the client closed;\n"
      "2 wrong usage; 125 failure of the gate; 126 COMMAND cannot be run; 127 no such\n"
      "COMMAND; 128+signal after SIGTERM, SIGINT or SIGHUP. More: man stdiogate\n";
  return out;
}

std::string help_text(std::string_view topic) {
  if (topic == "errors") return errors();
  if (topic == "trace") return trace();
  return topic == "statistics" ? statistics() : limits();
}

}  // namespace stdiogate
