#pragma once

#include <optional>

#include "stdiogate/reactor.h"
#include "stdiogate/router.h"

#include "child_process.h"
#include "event_log.h"
#include "lane.h"
#include "options.h"
#include "outlet.h"
#include "server_stderr.h"
#include "stats.h"

namespace stdiogate {

/// Wires everything to the reactor: two lanes, the router between them, the server and its ladder,
/// the timers. Decides when it is over.
class Proxy final : Lane::Judge, ChildProcess::Owner, Observer {
 public:
  /// All must outlive it. `err`: where the server's stderr and the statistics go.
  Proxy(const Options& options, Reactor& reactor, Launcher& launcher, Log& log, Outlet& err);

  /// Starts the server and forwards until it is over. Returns the exit status of the program.
  int run(Stream client_in, Stream client_out);

  /// SIGTERM, SIGINT or SIGHUP has come: ends it all in under one second.
  void shut_down(int signal);

  /// Writes the statistics to stderr.
  void show_statistics();

 private:
  enum class Phase {
    serving,      // the client may send
    draining,     // it has closed its end: open requests are waited for
    ending,       // nothing goes to the server any more; its output is still forwarded
    not_started,  // the server could not be run; the client is told so for a while
    over,         // the server is gone; the last bytes go to the client
  };

  // Lane::Judge
  void on_line(Lane& lane, const Line& line) override;
  void on_source_end(Lane& lane, int error) override;
  void on_source_hangup(Lane& lane) override;
  void on_sink_gone(Lane& lane, int error) override;
  void on_activity() override;
  // ChildProcess::Owner
  void on_started(pid_t pid) override;
  void on_not_started(int error) override;
  void on_exited(const ServerEnd& end) override;
  void on_rung(const char* signal) override;
  void on_finished(std::uint32_t killed) override;
  // Observer
  void on_event(const Event& event) override;

  void client_closed();
  void end_server(Duration grace, Duration kill_grace);
  void step_lanes();
  void go_on();
  void conclude();
  void on_end_timer();
  [[nodiscard]] std::string statistics();
  [[nodiscard]] int exit_status() const;

  const Options& options_;
  Reactor& reactor_;
  Launcher& launcher_;
  Log& log_;
  Outlet& err_;
  EventLog event_log_;
  Counter counter_;
  LineWriter server_writer_;
  LineWriter client_writer_;
  Router router_;
  Lane to_server_;
  Lane to_client_;
  ServerStderr stderr_;
  ChildProcess child_;
  Reactor::Timer request_timer_;
  Reactor::Timer end_timer_;
  Phase phase_ = Phase::serving;
  bool client_gone_ = false;      // it has closed its end, or reads no more
  bool signalled_ = false;        // told to end
  bool rung_taken_ = false;       // the server did not end by itself
  bool server_finished_ = false;  // nothing is left of it
  std::optional<ServerEnd> server_end_;
  std::optional<int> status_;  // of the program, where it is not the server's
};

}  // namespace stdiogate
