#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "stdiogate/line_reader.h"
#include "stdiogate/router.h"

#include "src/report/stats.h"
#include "tests/proof/simulation/actors.h"
#include "tests/proof/simulation/model.h"
#include "tests/proof/simulation/script.h"

namespace stdiogate::simulation {

/// Plays one script: a router between a client and servers that are made up, under a time that is
/// made up, next to a model that says what must come out. Compared after every line.
class World : private Observer {
 public:
  /// `trace`: whether to print all that happens.
  World(const Script& script, bool trace);

  /// Nothing if all went as the model has it, else what did not.
  [[nodiscard]] std::optional<std::string> run();

 private:
  /// Bytes from one side on their way to the router.
  struct Source {
    explicit Source(std::size_t max_line) : reader(max_line) {}
    LineReader reader;
    std::optional<Router::ServerNumber> server{};  // none: the client
    std::deque<Sent> begun{};                      // lines of which not all has arrived
    std::string held{};                            // bytes that come with the next line
    std::string overlong{};                        // of a line of which more pieces come
  };

  void play(const Step& step);
  void send(const Step& step);
  void deliver(Source& source, std::uint32_t cut);
  void feed(Source& source, std::string_view bytes);
  [[nodiscard]] std::optional<Router::ServerNumber> some_server(const Step& step) const;
  void start_server(const Step& step);
  void retire_server(const Step& step);
  void end_server(const Step& step);
  void judge(Source& source, const Line& line);
  void hand_over(const Source& source, const Line& line);
  void set_time(Time time);
  void advance();
  void end();
  void finish();

  void compare(bool in_order);
  void compare_lines(LineWriter& writer, std::vector<Expected>& expected, bool in_order,
                     const char* to);
  [[nodiscard]] bool matches(std::string_view line, const Expected& expected);
  [[nodiscard]] bool matches_array(std::string_view line, const Expected& expected);
  [[nodiscard]] bool matches_wire_id(std::string_view text, const Expected& expected);
  void check_state();
  void check_counts();
  void check_memory();
  void fail(const std::string& what);
  void show(const char* what, std::string_view line) const;

  void on_event(const Event& event) override;

  std::size_t allocated_before_;
  const Script& script_;
  RouterConfig config_;
  bool trace_;
  Model model_;
  Actors actors_;
  std::array<LineWriter, Router::kMaxServers> to_servers_;
  LineWriter to_client_;
  Counter counter_;
  std::uint32_t told_of_duplicate_ = 0;
  Router router_;
  Source client_;
  std::array<std::optional<Source>, Router::kMaxServers> servers_;
  Time now_{std::chrono::hours(1)};
  std::string out_;  // what has come out, of one writer
  std::optional<std::string> failure_;
};

}  // namespace stdiogate::simulation
