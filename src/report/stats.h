#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdiogate/observer.h"

namespace stdiogate {

/// How long things took, in a few hundred counters: percentiles are exact to an eighth, the longest
/// is exact.
class Histogram {
 public:
  void add(Duration duration);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Duration longest() const { return longest_; }
  /// The duration that `percent` (0 to 100) of all did not exceed; zero if there are none.
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

/// What is counted: member of Statistics, name in the JSON line, sentence for --help. In the order
/// of both; the man page has the same list.
// clang-format off
#define STDIOGATE_STATISTICS(X) \
  X(requests, "requests", "requests of the client, counting refused ones but not those still waiting") \
  X(answers, "answers", "requests the server answered, with a result or an error") \
  X(errors, "errors", "answers that are errors") \
  X(in_flight, "inFlight", "requests open now") \
  X(in_flight_max, "inFlightMax", "the most that were open at once") \
  X(slots, "slots", "how many may be open: --max-in-flight and the reserve of 32") \
  X(waiting, "waiting", "requests waiting for a slot now") \
  X(waiting_max, "waitingMax", "the most that waited at once") \
  X(refused, "refused", "requests refused for a limit, or that waited too long") \
  X(timed_out, "timedOut", "requests not answered in time") \
  X(cancelled, "cancelled", "requests cancelled by the client, and listens the server ended by a cancel") \
  X(server_gone, "serverGone", "requests whose server ended before it answered, or could not be run") \
  X(late_answers, "lateAnswers", "server answers that match no open request: late, repeated or made up") \
  X(stray_answers, "strayAnswers", "client answers that match no open request") \
  X(stray_notifications, "strayNotifications", "server notifications for a subscription or a request that is not open") \
  X(noise_lines, "noiseLines", "lines of the server that are not messages") \
  X(invalid_lines, "invalidLines", "lines of the client that are not messages") \
  X(repaired_lines, "repairedLines", "lines in which bytes that are not UTF-8 became U+FFFD") \
  X(invalid_answers, "invalidAnswers", "answers that were not valid: their requests ended with -31008") \
  X(echoes, "echoes", "client requests that the server sent back; noiseLines counts them, too") \
  X(server_requests, "serverRequests", "requests of the server, refused ones included") \
  X(starts, "starts", "servers started") \
  X(restarts, "restarts", "servers that took over from one that had ended") \
  X(reloads, "reloads", "servers that took over from one that served") \
  X(idle_stops, "idleStops", "servers stopped because nothing was open (--idle-stop)") \
  X(sigterms, "sigterms", "servers that had to be sent SIGTERM") \
  X(sigkills, "sigkills", "servers that had to be killed") \
  X(descendants_killed, "descendantsKilled", "processes that servers left behind and that had to be killed") \
  X(bytes_to_server, "bytesToServer", "bytes written to the server") \
  X(bytes_to_client, "bytesToClient", "bytes written to the client") \
  X(stderr_dropped, "stderrDropped", "bytes for stderr that were dropped because it took no more") \
  X(log_lost, "logLost", "lines that could not be written to the log file") \
  X(trace_lost, "traceLost", "lines that could not be written to the trace") \
  X(record_lost, "recordLost", "lines that could not be written to the record")
// clang-format on

/// What has happened so far, in numbers.
struct Statistics {
#define STDIOGATE_MEMBER(member, name, sentence) std::uint64_t member = 0;
  STDIOGATE_STATISTICS(STDIOGATE_MEMBER)
#undef STDIOGATE_MEMBER
};

/// A row of the list.
struct StatisticInfo {
  std::string_view name;         // in the JSON line
  std::string_view member_name;  // the same in snake_case
  std::uint64_t Statistics::*member;
  std::string_view sentence;
};

[[nodiscard]] std::span<const StatisticInfo> all_statistics();

/// Counts the router's events.
class Counter final : public Observer {
 public:
  explicit Counter(std::uint64_t slots) { counts_.slots = slots; }

  void on_event(const Event& event) override;

  /// The owner fills in what no event says: servers, signals, bytes.
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
