#pragma once

#include <list>
#include <optional>

#include "src/gate/restart_policy.h"
#include "src/gate/server.h"

namespace stdiogate {

/// Sees to it that a server serves: starts it, starts it again when it has failed, replaces it when
/// asked to. Which server serves, and whether one may take over, is the router's to say; here is
/// decided what follows from it.
class Supervisor {
 public:
  /// `shared` must outlive it.
  explicit Supervisor(Server::Shared& shared);

  /// Starts the first server.
  void start();

  /// A new server is to take over from the one that serves, as soon as that is possible; where none
  /// serves it is started now. Does nothing once no more may be started. `why`: for the log.
  void replace(std::string_view why);

  /// The client sends nothing more. From now on a server is started only for requests that wait.
  void client_closed();

  /// Nothing more comes for any server: each gets the end of its input when what is queued is
  /// written, or `now` (see Server), and takes the ladder when it has answered. Starts no more.
  void end_input(bool now);

  /// Lets all servers go and starts no more.
  void end(const Ladder& ladder);

  /// Sends all servers SIGINT. A server that ends before it answers another request ended because
  /// of it, and then the gate ends, too. False if there is no server to decide.
  [[nodiscard]] bool interrupt();
  [[nodiscard]] bool ended_by_interrupt() const { return ended_by_interrupt_; }

  /// What happens to the client's requests decides what follows from a server's end.
  void on_request_ended(const Event& event);

  /// A request of either side has begun or ended.
  void note_activity() { last_activity_ = shared_.reactor.now(); }

  /// Kills what is left of all servers.
  void kill();

  /// Writes what is queued for the servers, once.
  void flush();

  /// Whether bytes are queued for some server that it has not yet tried to write.
  [[nodiscard]] bool wants_flush() const;

  /// Looks at each server once and does what follows from its state; starts others, and destroys
  /// those that are finished. Called at the end of each turn, outside of their handlers. A change
  /// that others may have to look at asks for another turn.
  void end_of_turn();

  /// Notes what the servers have written until now, and whether some of it is unread; see Lane.
  void mark_unread();
  [[nodiscard]] bool have_unread(bool are_held) const;

  /// A line of this server's that is no message.
  void note(Router::ServerNumber number, std::string_view line) { numbered(number).note(line); }

  /// What this server has written to its stderr last.
  [[nodiscard]] std::string last_words(Router::ServerNumber number) {
    return numbered(number).account().words;
  }

  /// Whether a server serves, or one may yet do so.
  [[nodiscard]] bool will_serve() const;

  /// Whether the server that serves has read all it was sent, and has never said anything.
  [[nodiscard]] bool is_silent() const;

  /// Whether there is no server and none will be started.
  [[nodiscard]] bool is_over() const {
    return servers_.empty() && !restart_timer_.is_set() && !dormant_;
  }

  /// Why the first server could not be run.
  [[nodiscard]] const std::optional<NotStarted>& not_started() const { return not_started_; }

  /// The last server that has ended by itself, or was passed over, and was not replaced; if there
  /// was none, the last that could not serve, and why; status 0 and no words if there was neither.
  [[nodiscard]] const ServerAccount& last() const { return last_; }

  /// Bytes written to the stdin of all servers so far.
  [[nodiscard]] std::uint64_t bytes_to_servers() const;

 private:
  using Stage = Server::Stage;

  void start_server(bool must_answer);
  void look_at(Server& server);
  void take_over(Server& server);
  void reject(Server& server, std::string_view why);
  void put_to_sleep(Server& server);
  void watch_idleness();
  void on_idle_time();
  [[nodiscard]] bool is_idle() const;
  [[nodiscard]] bool is_in_the_way(const Server& server) const;
  void pass_over(Server& server);
  void lose(Server& server);
  void bury(Server& server);
  void reject_openings();
  void stop_starting();
  void end_by_interrupt();
  void on_restart_time();
  void give_up(std::string_view why);
  [[nodiscard]] bool may_have_seen_end_of_input(const ServerAccount& account) const;
  void plan_restart(bool failed, std::string_view why);
  [[nodiscard]] const Server* current() const;
  [[nodiscard]] bool is_serving(const Server& server) const;
  [[nodiscard]] bool is_opening() const;
  [[nodiscard]] bool can_replace() const;
  [[nodiscard]] bool finds_room();
  [[nodiscard]] Router::ServerNumber free_number() const;
  [[nodiscard]] Server& numbered(Router::ServerNumber number);

  Server::Shared& shared_;
  RestartPolicy policy_;
  std::list<Server> servers_;
  Reactor::Timer restart_timer_;
  Reactor::Timer idle_timer_;
  Time last_activity_{};
  bool starting_allowed_ = true;
  bool replace_wanted_ = false;
  bool client_closed_ = false;
  bool dormant_ = false;  // none serves; one is started when a line needs it
  bool waits_for_room_ = false;
  bool probe_lost_ = false;  // a server took server/discover with it
  bool ended_by_interrupt_ = false;
  std::optional<Router::ServerNumber> start_timed_out_;
  std::string why_rejected_;
  std::string why_dormant_;
  bool ever_ran_ = false;  // a server has ended, and it or another has run
  std::optional<NotStarted> not_started_;
  ServerAccount last_;
  std::uint64_t bytes_to_buried_ = 0;
};

}  // namespace stdiogate
