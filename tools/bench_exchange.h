#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench_load.h"

namespace bench {

/// The requests and answers of one load: what they look like and which are open.
class Exchange {
 public:
  explicit Exchange(const Load& load);

  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::size_t issued() const { return issued_; }

  /// Appends a line of as many requests as the load has in one.
  void issue(std::string& out);

  /// Appends when each of the answers in the line was asked for. Throws std::runtime_error if one
  /// is not what was asked for.
  void take(std::string_view line, std::vector<SteadyClock::time_point>& asked);

 private:
  struct Open {
    std::size_t id = 0;      // 0: none
    std::size_t length = 0;  // of its answer
    SteadyClock::time_point asked;
  };

  void issue_alone(std::string& out);
  std::string append_request(std::string& out, bool wanted);
  [[nodiscard]] std::size_t payload();
  [[nodiscard]] std::size_t take_answer(std::string_view line,
                                        std::vector<SteadyClock::time_point>& asked);

  const Load& load_;
  std::string id_prefix_;
  std::string id_suffix_;
  std::string pad_;
  std::vector<Open> open_;  // at the id modulo its size
  std::size_t in_flight_ = 0;
  std::size_t issued_ = 0;  // of those that are wanted
  std::size_t last_id_ = 0;
  std::mt19937 random_{1};
};

}  // namespace bench
