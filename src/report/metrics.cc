#include "src/report/metrics.h"

#include <algorithm>
#include <iterator>

#include "src/json/utf8.h"
#include "src/limits.h"
#include "src/report/outcome.h"
#include "src/text.h"

namespace stdiogate {

namespace {

constexpr std::string_view kDuration = "mcp_client_operation_duration_seconds";

void append_head(std::string& out, std::string_view name, std::string_view help,
                 std::string_view type) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

/// A label's value between its quotes: UTF-8, in which three characters are escaped.
void append_label(std::string& out, std::string_view value) {
  std::string text;
  json::append_repaired(text, value);
  for (const char c : text) {
    if (c == '\\' || c == '"' || c == '\n') out += '\\';
    out += c == '\n' ? 'n' : c;
  }
}

bool is_gauge(std::string_view statistic) {
  constexpr std::string_view kGauges[] = {"inFlight", "inFlightMax", "waiting", "waitingMax",
                                          "slots"};
  return std::ranges::find(kGauges, statistic) != std::end(kGauges);
}

}  // namespace

void Metrics::on_event(const Event& event) {
  if (event.kind != EventKind::request_ended || event.from_server || !event.details) return;
  const Details& details = *event.details;
  Series& series =
      series_of({shown(details.method), details.method == "tools/call" ? shown(details.name) : "",
                 error_type(event)});
  const std::uint64_t us = microseconds(details.duration);
  const auto above = std::lower_bound(kBoundsMs.begin(), kBoundsMs.end(), (us + 999) / 1000);
  ++series.buckets[static_cast<std::size_t>(above - kBoundsMs.begin())];
  series.sum_us += us;
}

Metrics::Series& Metrics::series_of(Labels labels) {
  const auto found = series_.find(labels);
  if (found != series_.end()) return found->second;
  if (series_.size() >= kMaxSeries) {
    for (std::size_t i = 0; i < kLabels; ++i) {
      if (!known_[i].contains(labels[i])) labels[i] = kOther;
    }
    // Known names in new combinations are bounded, too.
    if (series_.size() >= 2 * kMaxSeries && !series_.contains(labels))
      labels.fill(std::string(kOther));
  } else {
    for (std::size_t i = 0; i < kLabels; ++i)
      known_[i].insert(labels[i]);
  }
  return series_[labels];
}

void Metrics::append(std::string& out, const Labels& values, const Series& series) {
  std::string labels = "{mcp_method_name=\"";
  append_label(labels, values[0]);
  labels += "\",gen_ai_tool_name=\"";
  append_label(labels, values[1]);
  labels += "\",error_type=\"";
  append_label(labels, values[2]);
  labels += '"';
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= kBounds.size(); ++i) {
    count += series.buckets[i];
    out.append(kDuration).append("_bucket").append(labels).append(",le=\"");
    out.append(i < kBounds.size() ? kBounds[i] : "+Inf").append("\"} ");
    out.append(std::to_string(count)).append("\n");
  }
  out.append(kDuration).append("_sum").append(labels).append("} ");
  out.append(with_point(series.sum_us, 6)).append("\n");
  out.append(kDuration).append("_count").append(labels).append("} ");
  out.append(std::to_string(count)).append("\n");
}

std::string Metrics::text(const Statistics& statistics) const {
  std::string out;
  if (!series_.empty())
    append_head(out, kDuration, "Duration of the client's requests, waiting included.",
                "histogram");
  for (const auto& [labels, series] : series_)
    append(out, labels, series);
  for (const StatisticInfo& statistic : all_statistics()) {
    const bool gauge = is_gauge(statistic.name);
    const std::string name =
        "stdiogate_" + std::string(statistic.member_name) + (gauge ? "" : "_total");
    append_head(out, name, statistic.sentence, gauge ? "gauge" : "counter");
    out.append(name).append(" ").append(std::to_string(statistics.*statistic.member)).append("\n");
  }
  return out + "# EOF\n";
}

}  // namespace stdiogate
