#pragma once

#include <list>
#include <optional>

#include "src/gate/restart_policy.h"
#include "src/gate/server.h"

namespace stdiogate {

/// Sees to it that a server serves: starts it, starts it again when it has failed, replaces it when
/// asked to.
///
///     start -> opening -> serving -> retired -> let go -> finished
///
/// Whether a server may take over is the router's to say; here is decided what follows from it.
class Supervisor {
 public:
  /// `from_client`: the lane whose lines are for the server that serves. Both must outlive it.
  Supervisor(Server::Shared& shared, Lane& from_client);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

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

  /// Does what the state of things asks for next.
  void go_on();

  /// Destroys servers that have finished in an earlier turn of the reactor: `go_on` may have been
  /// called by one that finishes.
  void clean_up() { buried_.clear(); }

  /// Steps all servers. Returns whether another step may find something to do.
  bool step();

  /// A line of a server's that is no message.
  void note(Router::ServerNumber number, std::string_view line);

  /// Whether a server serves, or one may yet do so.
  [[nodiscard]] bool will_serve() const;

  /// Whether something waits for the server that serves.
  [[nodiscard]] bool is_busy() const { return serving_ && serving_->in().is_busy(); }

  /// Whether there is no server and none will be started.
  [[nodiscard]] bool is_over() const { return servers_.empty() && !restart_timer_.is_set(); }

  /// Why the first server could not be run, as an errno.
  [[nodiscard]] std::optional<int> not_started() const { return not_started_; }

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
  void connect(Server& server, bool must_answer);
  void look_at(Server& server);
  void take_over(Server& server);
  void reject(Server& server, std::string_view why);
  void bury(Server& server);
  void plan_restart(bool failed, std::string_view why);
  [[nodiscard]] bool is_opening() const;
  [[nodiscard]] bool can_replace() const;
  [[nodiscard]] Router::ServerNumber free_number() const;

  Server::Shared& shared_;
  Lane& from_client_;
  Sink nowhere_;  // where the client's lines go while no server serves
  RestartPolicy policy_;
  std::list<Server> servers_;
  std::list<Server> buried_;  // finished
  Server* serving_ = nullptr;
  Server* starting_ = nullptr;  // after a failure; not connected before it runs
  Reactor::Timer restart_timer_;
  bool starting_allowed_ = true;
  bool replace_wanted_ = false;
  bool ever_served_ = false;  // a server that could be run has ended: the next is not the first
  std::optional<int> not_started_;
  Last last_;
  std::uint64_t bytes_to_buried_ = 0;
};

}  // namespace stdiogate
