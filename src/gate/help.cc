#include <cstddef>
#include <string>
#include <string_view>

#include "src/gate/options.h"
#include "src/limits.h"
#include "src/report/stats.h"
#include "src/text.h"

namespace stdiogate {

namespace {

/// A limit that no option changes.
struct FixedLimit {
  std::string_view name;
  std::uint64_t value;
  std::string_view sentence;
};

constexpr FixedLimit kFixedLimits[] = {
    {"reserve", Router::kReserve,
     "slots beyond --max-in-flight for requests that must not be starved by slow work"},
    {"server-requests", Router::kMaxServerRequests,
     "open requests of the server; one more is refused to it"},
    {"batch", Router::kMaxBatch,
     "elements that want an answer in one batch; one of more is refused whole"},
    {"elements", Router::kMaxElements, "elements in an array of either side"},
    {"open-batches", Router::kMaxOpenBatches,
     "batches whose answers are being gathered; of one more the requests are refused"},
    {"gathered", Router::kMaxGathered,
     "bytes of answers that wait for the others of their batches; one beyond that becomes -31005"},
    {"depth", MessageParser::kMaxDepth, "levels of nesting in a line"},
    {"id", MessageParser::kMaxIdLength,
     "bytes of a request's id, and of a progress token that moves a deadline"},
    {"waiting", kHighWater,
     "bytes that may wait for one side before what causes them is not read any more"},
    {"stderr", kStderrRoom, "bytes that wait for our stderr; what comes then is dropped"},
};

/// Appends `text` in lines of at most 80 columns, each beginning in column `indent`.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent) {
  constexpr std::size_t kWidth = 80;
  std::size_t column = indent;
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!first && column + 1 + word.size() > kWidth) {
      out.append("\n").append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    first = false;
  }
  out += '\n';
}

void append_option(std::string& out, const OptionInfo& option) {
  constexpr std::size_t kIndent = 6;
  out.append("  ").append(option.name);
  if (!option.argument.empty()) out.append(" ").append(option.argument);
  if (!option.standard.empty()) out.append("  (default ").append(option.standard).append(")");
  out.append("\n").append(kIndent, ' ');
  append_wrapped(out, option.sentence, kIndent);
}

void append_row(std::string& out, std::string_view name, std::string_view sentence) {
  constexpr std::size_t kIndent = 28;
  out.append("  ").append(name);
  out.append(name.size() + 2 < kIndent ? kIndent - name.size() - 2 : 1, ' ');
  append_wrapped(out, sentence, kIndent);
}

}  // namespace

std::string help_text() {
  std::string out =
      "Usage: stdiogate [OPTION...] [--] COMMAND [ARGUMENT...]\n\n"
      "Runs COMMAND, an MCP server that speaks over stdin and stdout, and stands\n"
      "between it and the client: many requests at once, each answered under its own\n"
      "id, within a limit and a time; nothing but messages reaches the client, and no\n"
      "process is left behind.\n\n"
      "Example: stdiogate --timeout 2m -- npx -y @modelcontextprotocol/server-everything\n\n"
      "Options (D: a duration such as 200ms, 1.5s, 5m, 1h; SIZE: bytes, or with K, M, G):\n";
  for (const OptionInfo& option : all_options())
    append_option(out, option);
  out += "\nErrors the gate itself answers with (data.from is \"stdiogate\"):\n";
  for (const ReasonInfo& reason : kReasons)
    append_row(out, std::to_string(reason.code) + " " + std::string(reason.name), reason.meaning);
  out += "\nStatistics (one JSON line to stderr on SIGUSR1, and at the end at level info):\n";
  for (const StatisticInfo& statistic : all_statistics())
    append_row(out, statistic.name, statistic.sentence);
  append_row(out, "latencyMs", "per method: count, p50, p90, p99 and max of all that ended");
  out += "\nFixed limits:\n";
  for (const FixedLimit& limit : kFixedLimits)
    append_row(out, std::string(limit.name) + " " + format_size(limit.value), limit.sentence);
  out +=
      "\nExit status: the server's own if it ended by itself (128+signal if killed); 0\n"
      "when the client has closed; 2 wrong usage; 125 the gate's own failure; 126 COMMAND\n"
      "cannot be run; 127 no such COMMAND; 128+signal after SIGTERM, SIGINT or SIGHUP.\n";
  return out;
}

}  // namespace stdiogate
