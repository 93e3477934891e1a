#pragma once

#include <list>
#include <optional>

#include "stdiogate/reactor.h"
#include "stdiogate/router.h"

#include "src/gate/file_watch.h"
#include "src/gate/options.h"
#include "src/gate/supervisor.h"
#include "src/io/lane.h"
#include "src/io/outlet.h"
#include "src/io/sink.h"
#include "src/report/event_log.h"
#include "src/report/stats.h"

namespace stdiogate {

/// Wires everything to the reactor: the client's two streams, the router, the servers and who sees
/// to them, the timers. Decides when it is over.
class Proxy final : Lane::Judge, Sink::Owner, Observer {
 public:
  /// All must outlive it. `err`: where the server's stderr and the statistics go.
  Proxy(const Options& options, Reactor& reactor, Launcher& launcher, Log& log, Outlet& err);

  /// Starts the server and forwards until it is over. Returns the exit status of the program.
  int run(Stream client_in, Stream client_out);

  /// SIGTERM, SIGINT or SIGHUP has come: ends it all in under one second.
  void shut_down(int signal);

  /// SIGUSR2 has come: replaces the server by a new one.
  void reload();

  /// Writes the statistics to stderr.
  void show_statistics();

 private:
  enum class Phase {
    serving,      // the client may send
    draining,     // it has closed its end: open requests are waited for
    ending,       // nothing goes to a server any more; its output is still forwarded
    not_started,  // the server could not be run; the client is told so for a while
    over,         // the servers are gone; the last bytes go to the client
  };

  // Lane::Judge
  void on_line(Lane& lane, const Line& line) override;
  void on_lines(std::string_view lines) override { router_.expect(lines); }
  void on_source_end(Lane& lane, int error) override;
  void on_source_hangup(Lane& lane) override;
  // Sink::Owner
  void on_sink_gone(Sink& sink, int error) override;
  // both
  void on_activity() override;
  // Observer
  void on_event(const Event& event) override;

  void client_closed();
  void end_servers(Duration grace, Duration kill_grace);
  bool step();
  void go_on();
  void tell_not_started(int error);
  void refuse_further();
  void conclude();
  void be_over();
  void on_end_timer();
  [[nodiscard]] std::string statistics();
  [[nodiscard]] int exit_status() const;

  const Options& options_;
  Reactor& reactor_;
  Log& log_;
  Outlet& err_;
  EventLog event_log_;
  Counter counter_;
  Sink client_;
  Router router_;
  Server::Shared shared_;
  Lane from_client_;
  Supervisor servers_;
  std::list<FileWatch> file_watches_;
  Reactor::Timer request_timer_;
  Reactor::Timer end_timer_;
  Phase phase_ = Phase::serving;
  bool client_gone_ = false;   // it has closed its end, or reads no more
  bool signalled_ = false;     // told to end
  std::optional<int> status_;  // of the program, where it is not the server's
};

}  // namespace stdiogate
