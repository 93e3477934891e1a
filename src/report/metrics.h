#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "stdiogate/observer.h"

#include "src/report/stats.h"

namespace stdiogate {

/// Counts the client's requests by method, tool and error type, and says all of it and the
/// statistics in Prometheus' text format 0.0.4.
class Metrics final : public Observer {
 public:
  /// A request has ended, with details; all else is of no concern here.
  void on_event(const Event& event) override;

  [[nodiscard]] std::string text(const Statistics& statistics) const;

  /// Of the combinations beyond kMaxSeries, in each label that is new.
  static constexpr std::string_view kOther = "_OTHER";

 private:
  static constexpr std::size_t kLabels = 3;
  using Labels = std::array<std::string, kLabels>;  // method, tool, error type

  // Upper bounds of the buckets, in seconds.
  static constexpr std::array<std::string_view, 14> kBounds = {
      "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "30", "60", "120", "300"};
  static constexpr std::array<std::uint64_t, kBounds.size()> kBoundsMs = {
      10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000};

  struct Series {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};  // each without the ones below
    std::uint64_t sum_us = 0;
  };

  Series& series_of(Labels labels);
  static void append(std::string& out, const Labels& values, const Series& series);

  std::map<Labels, Series> series_;
  std::array<std::set<std::string>, kLabels> known_;  // values of each label
};

}  // namespace stdiogate
