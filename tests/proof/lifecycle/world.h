#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>

#include "src/gate/options.h"
#include "tests/proof/lifecycle/server.h"
#include "tests/proof/simulation/random.h"
#include "tests/support/fake_clock.h"

struct epoll_event;

namespace stdiogate::lifecycle {

/// What has happened in the schedules, so that one sees that they are worth something.
struct Totals {
  int requests = 0;
  int answers = 0;
  int errors = 0;
  int servers = 0;
  int signals = 0;
};

/// One schedule: a whole gate, its client and its servers, from a seed. The gate is the program's,
/// from its reactor to its children's sockets; pipes are real, processes and time are not.
///
/// The schedule goes on whenever the gate waits, and sometimes while it need not: somebody writes,
/// reads, closes, ends, is signalled, or time passes. Between two turns the machine may stall. After
/// `steps` of them all become polite: the client reads and has closed its stdin, servers answer what
/// they have and end when asked to. Then the gate must come to its end, too.
class World final : Server::Owner {
 public:
  World(std::uint64_t seed, int steps, bool is_told, Totals& totals);

  /// Returns what was wrong, if something was.
  std::optional<std::string> run();

  /// In place of epoll_wait.
  int wait(int epoll, epoll_event* events, int room, int milliseconds);

  /// In place of a fork.
  WatcherEnds start_server();

 private:
  struct Request {
    std::string method;
    Time sent{};
    Duration sent_when_read{};  // in time that the client has read, and no server was within a line
    int deaf = 0;  // the newest server's number, if that has closed its stdin and never got it
    bool is_cancelled = false;
    bool was_read = false;          // by a server
    bool is_written = false;        // its answer, in time, where the gate can read it
    bool must_be_answered = false;  // at the end, since nothing stands against it
    std::string outcome{};          // empty: none yet
  };

  // Server::Owner
  void on_read(int n) override { requests_.at(n).was_read = true; }
  void on_deaf(const Server& server) override;
  void on_answered(Server& server, int n) override;
  void on_signal(Server& server, int signal) override;
  void on_cut_line(const Server& server) override;

  void stall();
  int interrupted();
  bool look();
  void answer_all();
  void step();
  void step_of_client();
  void step_of_server(Server& server);
  void step_of_gate();
  [[nodiscard]] bool be_still();
  [[nodiscard]] bool be_polite();
  [[nodiscard]] bool be_polite(Server& server);
  void rest(std::optional<Time> until);
  void rest_still(std::optional<Time> until);
  void pass_time(Duration time);

  void send(const std::string& line);
  void send_request();
  void cancel();
  void close_client();
  bool write_client();
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] bool is_read_at_once() const;
  bool read_client();
  void take(const std::string& line);
  void signal(int signal);
  [[nodiscard]] int open_requests() const;
  [[nodiscard]] Server* some_server();
  [[nodiscard]] int servers_left() const;  // that are not gone
  [[nodiscard]] bool has_room() const {
    return servers_left() < static_cast<int>(Router::kMaxServers);
  }
  void expect_end_of_input();
  void expect_room_for(const Server& server, const std::vector<int>& open);
  [[nodiscard]] bool may_let_go();
  [[nodiscard]] bool may_throw_away();
  void expect_disuse(const Server& server);
  void expect_stillness();
  void expect_outcomes();
  void expect_another(std::optional<Time> until);
  void expect_answers();
  void check_end(int status);
  void note(const std::string& what) const;

  simulation::Random random_;
  int steps_left_;
  bool is_told_;
  Totals& totals_;
  FakeClock clock_;
  Options options_;
  std::list<Server> servers_;
  const Server* at_work_ = nullptr;  // that has answered a call last
  int turns_ = 0;                    // in which the gate did not wait
  int rests_ = 0;
  bool is_stopped_ = false;  // now and then: Ctrl-Z, or a machine that sleeps
  bool a_limit_begins_ = false;
  std::optional<Time> still_until_;
  bool rested_ = false;  // until then

  // The client.
  Fd to_gate_;
  Fd from_gate_;
  Fd signals_;
  std::map<int, Request> requests_;
  std::string unread_;
  bool has_large_ = false;      // some requests are larger than what pipes have room for
  std::string unsent_;          // of what the client has sent
  bool closes_ = false;         // when that is written
  std::optional<Time> closed_;  // its stdin
  int next_ = 1;
  Time last_use_{};  // when it has sent a request that is read at once, or was answered
  bool reads_ = true;
  Duration reading_time_{};
  bool has_initialized_ = false;
  bool is_script_ = false;  // a second request before the first had its outcome
  bool has_an_outcome_ = false;
  bool asked_for_end_ = false;  // its stdin was closed by the polite client
  bool signalled_ = false;      // SIGTERM or SIGHUP was sent to the gate
  int ended_by_ = 0;            // the first of them that it has got; 0: none
  bool may_lose_ = false;       // the gate may end with something unsaid
  int interrupts_ = 0;
  Time interrupted_{};               // last
  bool has_answered_since_ = false;  // a server, since the gate was interrupted
  bool interrupted_server_ended_ = false;
  bool has_asked_for_another_ = false;  // by a reload
};

}  // namespace stdiogate::lifecycle
