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

  /// Starts no further server, and lets those go that have not taken over yet.
  void stop_starting();

  /// Lets all servers go and starts no more.
  void end(Duration grace, Duration kill_grace);

  /// Kills what is left of all servers.
  void kill();

  /// Writes what is queued for the servers, once.
  void flush();

  /// Whether some of them have something queued that has not been tried to write.
  [[nodiscard]] bool wants_flush() const;

  /// Looks at each server once and does what follows from its state; starts others, and destroys
  /// those that are finished. Called at the end of each turn, outside of their handlers. A change
  /// that others may have to look at asks for another turn.
  void go_on();

  /// A line of a server's that is no message.
  void note(Router::ServerNumber number, std::string_view line);

  /// Whether a server serves, or one may yet do so.
  [[nodiscard]] bool will_serve() const;

  /// Whether something waits for the server that serves.
  [[nodiscard]] bool is_busy() const;

  /// Whether there is no server and none will be started.
  [[nodiscard]] bool is_over() const { return servers_.empty() && !restart_timer_.is_set(); }

  /// Why the first server could not be run.
  [[nodiscard]] const std::optional<NotStarted>& not_started() const { return not_started_; }

  /// What is known of the last server that has served and was not replaced; status 0 and no words
  /// if there was none.
  struct Last {
    ServerEnd end;
    bool was_signalled = false;  // by the gate
    std::string words;           // its last on stderr
  };
  [[nodiscard]] const Last& last() const { return last_; }

  /// Bytes written to the stdin of all servers so far.
  [[nodiscard]] std::uint64_t bytes_to_servers() const;

 private:
  void start_server(bool must_answer);
  void look_at(Server& server);
  void take_over(Server& server);
  void reject(Server& server, std::string_view why);
  void bury(Server& server);
  void plan_restart(bool failed, std::string_view why);
  [[nodiscard]] const Server* current() const;
  [[nodiscard]] bool is_serving(const Server& server) const;
  [[nodiscard]] bool is_opening() const;
  [[nodiscard]] bool can_replace() const;
  [[nodiscard]] Router::ServerNumber free_number() const;

  Server::Shared& shared_;
  RestartPolicy policy_;
  std::list<Server> servers_;
  Reactor::Timer restart_timer_;
  bool starting_allowed_ = true;
  bool replace_wanted_ = false;
  bool ever_ran_ = false;  // a server that could be run has ended: the next is not the first
  std::optional<NotStarted> not_started_;
  Last last_;
  std::uint64_t bytes_to_buried_ = 0;
};

}  // namespace stdiogate
