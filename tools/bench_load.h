#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tools/bench_path.h"

namespace bench {

/// One point of the table: what is sent, and how many requests are kept in flight.
struct Load {
  const char* name = "";
  std::size_t window = 1;
  std::size_t payload = 100;  // bytes in each request and answer; 0: a mix as in real traffic
  bool one_core = false;      // client, server and what is between share one processor
  std::size_t batch = 0;      // requests in one JSON-RPC batch
  bool cancels = false;       // of each ten requests one more is sent and cancelled at once
  bool tokens = false;        // each asks for progress, so that it has two deadlines
  bool long_ids = false;      // as long as an id may be
  bool flood = false;         // notifications without end, against the ticks of the server
  bool flooded = false;       // the other way round
  Words server{};             // what the server is told
  const char* file = "";      // an option of the gate's for a file, compared with none
  const char* shown = "";     // what the line of an answer has in that file
  std::size_t hold = 0;       // how many requests the server waits for
};

struct Result {
  double seconds = 0;
  double answers = 0;
  std::vector<float> latencies_us;  // sorted
  Cost cost;                        // of all answers, those before and after the measurement too
  double all_answers = 0;
  double peak_kib = 0;

  [[nodiscard]] double rate() const { return answers / seconds; }
  [[nodiscard]] double percentile(double percent) const;
};

/// Keeps `window` requests in flight through the command for so long, and checks each answer.
/// Throws std::runtime_error if one is wrong, comes twice, or does not come.
Result run(const Load& load, const Words& command, std::chrono::milliseconds duration);

/// Sends `windows` windows, each when all of the one before is answered: what the command does for
/// each repeats exactly.
void run_in_steps(const Load& load, const Words& command, std::size_t windows);

/// From the start of the command to the answer to the first request, in milliseconds.
double time_to_first_answer(const Words& command);

}  // namespace bench
