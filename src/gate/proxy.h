#pragma once

#include <unistd.h>

#include <list>
#include <optional>

#include "stdiogate/reactor.h"
#include "stdiogate/router.h"

#include "src/gate/options.h"
#include "src/gate/supervisor.h"
#include "src/io/file_watch.h"
#include "src/io/lane.h"
#include "src/io/outlet.h"
#include "src/io/sink.h"
#include "src/report/files.h"
#include "src/report/stats.h"

namespace stdiogate {

/// Wires everything to the reactor: the client's two streams, the router, the supervisor and its
/// servers, the timers. Decides when it is over. HACKING.md, "Data flow", tells the way of a line.
class Proxy final : Lane::Owner, Sink::Owner, Observer {
 public:
  /// All must outlive it. `err`: where the server's stderr and the statistics go.
  Proxy(const Options& options, Reactor& reactor, Launcher& launcher, Log& log, Outlet& err);

  /// Starts the server and forwards until it is over. Returns the exit status of the program.
  int run(Stream client_in, Stream client_out);

  /// SIGTERM or SIGHUP has come: ends it all, in under one second unless the user gives more.
  /// SIGINT: passes it on to the server, which decides.
  void on_signal(int signal);

  /// SIGUSR2 has come: replaces the server by a new one.
  void reload() { servers_.replace("SIGUSR2"); }

  /// Writes the statistics to stderr.
  void show_statistics();

 private:
  enum class Phase {
    serving,      // the client may send
    draining,     // it has closed its end: what it has sent is handed over, the end held back
    completing,   // the end is held back no longer: it follows the last of what it has sent
    answering,    // the servers have the end of their input: what is open is still answered
    given_up,     // the same, but they have read nothing for long: what is left gets errors
    ending,       // nothing goes to a server any more; its output is still forwarded
    not_started,  // the server could not be run; requests get the reason for a while
    over,         // the servers are gone; the last bytes go to the client
    closing,      // it has them; readers of a log, trace or record that is a FIFO have a moment
    closed,       // they have had it; the summary goes to the log
  };

  // Lane::Owner
  [[nodiscard]] bool may_read() const override { return router_.may_read_client(); }
  [[nodiscard]] bool on_lines(LineReader& lines) override;
  void on_source_end(int error) override;
  void on_source_hangup() override;
  // Sink::Owner
  void on_sink_gone(int error) override;
  // Observer
  void on_event(const Event& event) override;
  [[nodiscard]] std::string last_words(std::uint8_t server) override {
    return servers_.last_words(server);
  }
  [[nodiscard]] Time moment(Time /*now*/) override { return reactor_.now(); }
  [[nodiscard]] Time later(Time /*now*/) override {
    reactor_.read_clock();
    return shared_.now();
  }

  void enter(Phase next);
  void client_closed();
  [[nodiscard]] bool is_handed_over() const;
  [[nodiscard]] bool awaits_answers() const;
  void watch_progress();
  void end_servers(const Ladder& ladder);
  void end_of_turn();
  [[nodiscard]] bool deadline_may_pass();
  void arm_request_timer();
  void advance_phase();
  void tell_not_started(const NotStarted& why);
  void conclude();
  void on_end_timer();
  void on_silence();
  void give_readers_time();
  void write_summary();
  void on_file_timer();
  [[nodiscard]] const Statistics& counts();  // with what no event says
  [[nodiscard]] std::string statistics();
  [[nodiscard]] int exit_status() const;

  const Options& options_;
  Reactor& reactor_;
  Log& log_;
  Outlet& err_;
  Counter counter_;
  Files files_;
  Sink client_;
  Router router_;
  const Secrets secrets_{environ};
  Server::Shared shared_;
  Lane from_client_;
  Supervisor servers_;
  std::list<FileWatch> file_watches_;
  Reactor::Timer request_timer_;
  Reactor::Timer end_timer_;
  Reactor::Timer file_timer_;
  Reactor::Timer silence_timer_;
  Phase phase_ = Phase::serving;
  bool client_gone_ = false;  // it has closed its end, or reads no more
  bool signalled_ = false;    // asked to end
  bool is_script_ = false;    // a second request, no listen, came before the first was answered
  bool first_has_ended_ = false;
  std::uint64_t moved_ = 0;            // what servers had taken and answered when looked at last
  Time readers_until_{};               // of FIFOs: when they have had their time
  Time give_up_{};                     // when they are given up, by the router's time
  std::optional<Time> overdue_;        // the deadline for which what is unread was marked
  Time looked_{};                      // when `deadline_may_pass` was asked last
  std::optional<Time> overdue_since_;  // a request, whose answer may be unread yet
  std::optional<int> status_;          // of the program, where it is not the server's
};

}  // namespace stdiogate
