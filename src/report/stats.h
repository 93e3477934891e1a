#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/observer.h"

namespace stdiogate {

/// How long things took, in a few hundred counters: exact to an eighth, the longest exactly.
class Histogram {
 public:
  void add(Duration duration);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Duration longest() const { return longest_; }
  /// The duration that `percent` of all did not exceed (0 to 100); zero if there are none.
  [[nodiscard]] Duration percentile(unsigned percent) const;

 private:
  static constexpr unsigned kSteps = 8;       // of each doubling
  static constexpr unsigned kDoublings = 40;  // of a microsecond: up to 12 days

  [[nodiscard]] static std::size_t bucket(std::uint64_t microseconds);
  [[nodiscard]] static Duration upper_end(std::size_t bucket);

  std::array<std::uint32_t, kSteps * kDoublings> buckets_{};
  std::uint64_t count_ = 0;
  Duration longest_{};
};

/// What has happened so far, in numbers.
struct Statistics {
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  std::uint64_t errors = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t in_flight_max = 0;
  std::uint64_t slots = 0;
  std::uint64_t waiting = 0;
  std::uint64_t waiting_max = 0;
  std::uint64_t refused = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t late_answers = 0;
  std::uint64_t stray_answers = 0;
  std::uint64_t stray_notifications = 0;
  std::uint64_t noise_lines = 0;
  std::uint64_t invalid_lines = 0;
  std::uint64_t server_requests = 0;
  std::uint64_t starts = 0;
  std::uint64_t restarts = 0;
  std::uint64_t reloads = 0;
  std::uint64_t sigterms = 0;
  std::uint64_t sigkills = 0;
  std::uint64_t descendants_killed = 0;
  std::uint64_t bytes_to_server = 0;
  std::uint64_t bytes_to_client = 0;
  std::uint64_t stderr_dropped = 0;
};

/// One of them. Output, --help and the check of the man page all read the same table.
struct StatisticInfo {
  std::string_view name;  // in the JSON line
  std::uint64_t Statistics::*value;
  std::string_view sentence;
};

[[nodiscard]] std::span<const StatisticInfo> all_statistics();

/// Counts what it is told of.
class Counter final : public Observer {
 public:
  explicit Counter(std::uint64_t slots) { counts_.slots = slots; }

  void on_event(const Event& event) override;

  /// What the events do not tell is filled in by the owner.
  [[nodiscard]] Statistics& counts() { return counts_; }

  /// All of it as one JSON object on one line, without a newline.
  [[nodiscard]] std::string json() const;

 private:
  struct PerMethod {
    std::string name;
    Histogram latency;
  };

  void count_end(const Event& event);

  Statistics counts_;
  std::vector<PerMethod> methods_;  // by the router's number for them
};

}  // namespace stdiogate
