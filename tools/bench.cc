// What the gate costs: `make bench`, or
//
//     bench [--quick] [--points A,B] [--other PROGRAM] STDIOGATE     the whole table
//     bench --steps WINDOW PAYLOAD COUNT COMMAND ...   a load that repeats exactly (bench-cpu)
//
// Each round runs every path once, one behind the other, so that what the machine does besides hits
// all of them. A path's figure is the median of its rounds' ratios to the direct path of the same
// round, with the lowest and the highest.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "tools/bench_lag.h"
#include "tools/bench_load.h"

namespace {

using bench::Load;
using bench::Result;
using bench::Words;

struct PathKind {
  const char* name;
  std::function<Words(const Words& server, const Load& load)> command;
};

const Load kLoads[] = {
    {.name = "w1-1core", .one_core = true},
    {.name = "w16", .window = 16},
    {.name = "w100", .window = 100},
    {.name = "w1000", .window = 1000},
    {.name = "w60000", .window = 60000, .server = {"hold", "60000"}, .hold = 60000},
    {.name = "10K-w16", .window = 16, .payload = 10 * 1024},
    {.name = "1M-w4", .window = 4, .payload = 1024 * 1024},
    {.name = "mix-w16", .window = 16, .payload = 0},
    {.name = "notify-w16", .window = 16, .server = {"notify", "10"}},
    {.name = "cancel-w100", .window = 100, .cancels = true},
    {.name = "token-w100", .window = 100, .tokens = true},
    {.name = "longid-w100", .window = 100, .long_ids = true},
    {.name = "batch-w100", .window = 100, .batch = 50},
    {.name = "trace", .window = 100, .file = "--trace", .shown = "\"answered\""},
    {.name = "record", .window = 100, .payload = 200, .file = "--record", .shown = "\"s2c\""},
    {.name = "flood", .flood = true, .server = {"tick"}},
    {.name = "flooded", .flooded = true, .server = {"flood"}},
};

/// As a shell and socat read them.
std::string text(const Words& words) {
  std::string all;
  for (const std::string& word : words)
    all += (all.empty() ? "" : " ") + word;
  return all;
}

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words gate_command(const std::string& gate, const Words& server, const Load& load) {
  const std::string slots = std::to_string(std::max<std::size_t>(load.window, 100));
  return joined({gate, "--max-in-flight", slots, "--log-level", "error", "--"}, server);
}

/// `other`: another build of the program, or empty.
std::vector<PathKind> paths(const std::string& gate, const std::string& other,
                            const std::string& tools) {
  std::vector<PathKind> all = {
      {"direct", [](const Words& server, const Load&) { return server; }},
      {"cat",
       [](const Words& server, const Load&) {
         return Words{"sh", "-c", "cat | " + text(server) + " | cat"};
       }},
      {"relay", [tools](const Words& server,
                        const Load&) { return joined({tools + "/bench_relay"}, server); }},
  };
  if (std::system("command -v socat >/dev/null 2>&1") == 0) {
    all.push_back({"socat", [](const Words& server, const Load&) {
                     return Words{"socat", "-", "EXEC:" + text(server)};
                   }});
  }
  if (!other.empty()) {
    all.push_back({"other", [other](const Words& server, const Load& load) {
                     return gate_command(other, server, load);
                   }});
  }
  all.push_back({"stdiogate", [gate](const Words& server, const Load& load) {
                   return gate_command(gate, server, load);
                 }});
  return all;
}

std::string file_of(const std::string& tools) {
  return tools + "/bench.jsonl";
}

/// For a point with a file: what that costs against the gate without.
std::vector<PathKind> paths_of_file(const std::string& gate, const std::string& tools) {
  const auto without = [gate](const Words& server, const Load& load) {
    return gate_command(gate, server, load);
  };
  return {{"without", without},
          {"with", [=](const Words& server, const Load& load) {
             Words words = without(server, load);
             words.insert(words.begin() + 1, {load.file, file_of(tools), "--file-limit", "0"});
             return words;
           }}};
}

/// The file has a line for each answer, or it is an error. Removes it.
void check_file(const std::string& path, const Load& load, const Result& result) {
  std::size_t lines = 0;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    lines += line.find(load.shown) != std::string::npos;
  std::filesystem::remove(path);
  const auto answers = static_cast<std::size_t>(result.all_answers);
  if (lines != answers)
    throw std::runtime_error(std::string(load.file) + " has " + std::to_string(lines) +
                             " answers of " + std::to_string(answers));
}

/// The middle of some values and how far they spread.
struct Spread {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};

Spread spread(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 2], values.front(), values.back()};
}

using Rounds = std::vector<std::vector<Result>>;  // each with a result for each path

/// The spread over all rounds of what `figure` makes of a path's result and the direct one's.
Spread over(const Rounds& rounds, std::size_t path,
            double (*figure)(const Result& direct, const Result& result)) {
  std::vector<double> values;
  for (const auto& round : rounds)
    values.push_back(figure(round[0], round[path]));
  return spread(values);
}

double cpu_us(const Result& result) {
  return result.cost.cpu_seconds * 1e6 / result.all_answers;
}

void print_point(const Load& load, const std::vector<PathKind>& kinds, const Rounds& rounds) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto own = [&](double (*figure)(const Result&, const Result&)) {
      return over(rounds, i, figure).median;
    };
    const Spread ratio =
        over(rounds, i, [](const Result& d, const Result& r) { return r.rate() / d.rate(); });
    std::printf(
        "%-12s %-10s %9.0f  %5.2f (%.2f-%.2f) %9.1f %8.1f %8.1f %8.1f %9.2f %+8.2f %7.3f %7.0f\n",
        load.name, kinds[i].name, own([](const Result&, const Result& r) { return r.rate(); }),
        ratio.median, ratio.lowest, ratio.highest,
        own([](const Result&, const Result& r) { return r.percentile(50); }),
        own([](const Result&, const Result& r) { return r.percentile(90); }),
        own([](const Result&, const Result& r) { return r.percentile(99); }),
        own([](const Result&, const Result& r) { return r.percentile(99.9); }),
        own([](const Result&, const Result& r) { return cpu_us(r); }),
        own([](const Result& d, const Result& r) { return cpu_us(r) - cpu_us(d); }),
        own([](const Result&, const Result& r) { return r.cost.switches / r.all_answers; }),
        own([](const Result&, const Result& r) { return r.peak_kib; }));
  }
  std::fflush(stdout);
}

void run_points(const std::vector<PathKind>& all, const std::vector<PathKind>& of_file,
                const std::string& tools, bool quick, const std::string& points) {
  std::printf("%-12s %-10s %9s  %-17s %9s %8s %8s %8s %9s %8s %7s %7s\n", "point", "path",
              "answers/s", "of direct", "p50 us", "p90", "p99", "p99.9", "CPU us", "added",
              "switch", "KiB");
  const std::chrono::milliseconds duration(quick ? 100 : 350);
  for (const Load& load : kLoads) {
    if (!points.empty() &&
        ("," + points + ",").find("," + std::string(load.name) + ",") == std::string::npos)
      continue;
    const std::vector<PathKind>& kinds = *load.file == '\0' ? all : of_file;
    Rounds rounds(quick ? 3 : 7);
    for (auto& round : rounds) {
      for (const PathKind& kind : kinds)
        round.push_back(bench::run(
            load, kind.command(joined({tools + "/bench_server"}, load.server), load), duration));
      if (*load.file != '\0') check_file(file_of(tools), load, round.back());
    }
    print_point(load, kinds, rounds);
  }
}

void run_starts(const std::vector<PathKind>& kinds, const std::string& tools) {
  std::vector<std::vector<double>> added(kinds.size());
  for (int round = 0; round < 15; ++round) {
    double direct = 0;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const double time =
          bench::time_to_first_answer(kinds[i].command({tools + "/bench_server"}, {}));
      if (i == 0) direct = time;
      added[i].push_back(i == 0 ? time : time - direct);
    }
  }
  std::printf("\nstart to first answer, ms: direct, and what each path adds\n");
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const Spread time = spread(added[i]);
    std::printf("%-10s %+6.2f (%.2f-%.2f)\n", kinds[i].name, time.median, time.lowest,
                time.highest);
  }
}

void run_lag(const std::vector<PathKind>& kinds, const std::string& tools) {
  std::vector<std::vector<double>> ages(kinds.size());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < kinds.size(); ++i)
      ages[i].push_back(bench::lag_ms(kinds[i].command({tools + "/bench_server", "stream"}, {})));
  }
  std::printf("\nlag: age of what a client reads that takes 1 MB/s of an endless stream, ms\n");
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const Spread age = spread(ages[i]);
    std::printf("%-10s %6.0f (%.0f-%.0f)\n", kinds[i].name, age.median, age.lowest, age.highest);
  }
}

int usage() {
  (void)std::fputs(
      "usage: bench [--quick] [--points A,B] [--other PROGRAM] STDIOGATE\n"
      "       bench --steps WINDOW PAYLOAD COUNT COMMAND ...\n",
      stderr);
  return 2;
}

int table(const std::vector<std::string>& words) {
  bool quick = false;
  std::string points;
  std::string other;
  std::size_t i = 0;
  for (; i + 1 < words.size() && words[i].starts_with("--"); ++i) {
    if (words[i] == "--quick") quick = true;
    if (words[i] == "--points") points = words[++i];
    if (words[i] == "--other") other = words[++i];
  }
  if (i >= words.size() || words[i].starts_with("--")) return usage();
  // It ends within five minutes, or one, whatever happens: what it has started then sees its stdin
  // end.
  ::alarm(quick ? 60 : 300);
  const std::string tools = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto kinds = paths(words[i], other, tools);
  run_points(kinds, paths_of_file(words[i], tools), tools, quick, points);
  run_starts(kinds, tools);
  run_lag(kinds, tools);
  return 0;
}

int steps(const std::vector<std::string>& words) {
  if (words.size() < 5) return usage();
  ::alarm(120);
  Load load{.window = std::stoul(words[1]), .payload = std::stoul(words[2])};
  bench::run_in_steps(load, {words.begin() + 4, words.end()}, std::stoul(words[3]));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    return !words.empty() && words[0] == "--steps" ? steps(words) : table(words);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
