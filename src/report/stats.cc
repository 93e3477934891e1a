#include "src/report/stats.h"

#include <algorithm>
#include <bit>

#include "src/json/quoting.h"
#include "src/text.h"

namespace stdiogate {

namespace {

constexpr StatisticInfo kStatistics[] = {
#define STDIOGATE_ROW(member, name, sentence) {name, #member, &Statistics::member, sentence},
    STDIOGATE_STATISTICS(STDIOGATE_ROW)
#undef STDIOGATE_ROW
};

std::string milliseconds(Duration duration) {
  return with_point(microseconds(duration), 3);
}

}  // namespace

std::span<const StatisticInfo> all_statistics() {
  return kStatistics;
}

// The step within a doubling is the three bits after the highest.
std::size_t Histogram::bucket(std::uint64_t microseconds) {
  if (microseconds < kSteps) return microseconds;
  const auto bits = static_cast<unsigned>(std::bit_width(microseconds));
  const unsigned shift = bits - 4;
  const std::size_t index = (shift + 1) * kSteps + ((microseconds >> shift) & (kSteps - 1));
  return std::min<std::size_t>(index, kSteps * kDoublings - 1);
}

Duration Histogram::upper_end(std::size_t bucket) {
  if (bucket < kSteps) return std::chrono::microseconds(bucket + 1);
  const std::size_t shift = bucket / kSteps - 1;
  return std::chrono::microseconds((kSteps + bucket % kSteps + 1) << shift);
}

void Histogram::add(Duration duration) {
  ++buckets_[bucket(microseconds(duration))];
  ++count_;
  longest_ = std::max(longest_, duration);
}

Duration Histogram::percentile(unsigned percent) const {
  const std::uint64_t wanted = (count_ * percent + 99) / 100;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted && seen > 0) return std::min(upper_end(i), longest_);
  }
  return {};
}

void Counter::on_event(const Event& event) {
  counts_.in_flight = event.in_flight;
  counts_.waiting = event.waiting;
  counts_.waiting_max = std::max<std::uint64_t>(counts_.waiting_max, event.waiting);
  counts_.in_flight_max = std::max<std::uint64_t>(counts_.in_flight_max, event.in_flight);
  switch (event.kind) {
    case EventKind::request_opened:
      if (!event.was_opened) ++(event.from_server ? counts_.server_requests : counts_.requests);
      break;
    case EventKind::request_ended: count_end(event); break;
    case EventKind::request_queued: break;
    case EventKind::answer_dropped:
      ++(event.from_server ? counts_.late_answers : counts_.stray_answers);
      break;
    case EventKind::notification_dropped: counts_.stray_notifications += event.from_server; break;
    case EventKind::noise: ++counts_.noise_lines; break;
    case EventKind::echo: ++counts_.echoes; break;
    case EventKind::line_repaired: ++counts_.repaired_lines; break;
    case EventKind::invalid_answer: ++counts_.invalid_answers; break;
    case EventKind::foreign_framing: counts_.invalid_lines += !event.from_server; break;
    case EventKind::invalid_line: ++counts_.invalid_lines; break;
    case EventKind::overlong_line: counts_.noise_lines += event.from_server; break;
    case EventKind::line_observed:
    case EventKind::asked_by_gate:
    case EventKind::duplicate_id:
    case EventKind::cancel_dropped:
    case EventKind::not_kept:
    case EventKind::server_refused:
    case EventKind::anonymous_error: break;
  }
}

void Counter::count_end(const Event& event) {
  const bool handed_over = event.wire_id != 0;  // else it has not been counted yet
  if (event.from_server) {
    counts_.server_requests += !handed_over;
    return;
  }
  counts_.requests += !handed_over;
  switch (event.ending) {
    case Ending::answered:
      ++counts_.answers;
      counts_.errors += event.is_error;
      break;
    case Ending::refused: ++counts_.refused; break;
    case Ending::timed_out: ++counts_.timed_out; break;
    case Ending::cancelled: ++counts_.cancelled; break;
    case Ending::server_gone: ++counts_.server_gone; break;
    case Ending::shutting_down: break;
  }
  if (!handed_over) return;
  if (event.method_number >= methods_.size()) methods_.resize(event.method_number + 1);
  PerMethod& method = methods_[event.method_number];
  if (method.name.empty()) method.name = event.method;
  method.latency.add(event.latency);
}

std::string Counter::json() const {
  std::string out = "{";
  for (const StatisticInfo& statistic : kStatistics) {
    out.append("\"").append(statistic.name).append("\":");
    out.append(std::to_string(counts_.*statistic.member)).append(",");
  }
  out += "\"latencyMs\":{";
  for (const PerMethod& method : methods_) {
    if (method.latency.count() == 0) continue;
    if (out.back() != '{') out += ',';
    append_quoted(out, method.name);
    out.append(":{\"count\":").append(std::to_string(method.latency.count()));
    for (const unsigned percent : {50u, 90u, 99u}) {
      out.append(",\"p").append(std::to_string(percent)).append("\":");
      out.append(milliseconds(method.latency.percentile(percent)));
    }
    out.append(",\"max\":").append(milliseconds(method.latency.longest())).append("}");
  }
  return out + "}}";
}

}  // namespace stdiogate
