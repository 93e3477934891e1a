#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stdiogate/router.h"

#include "src/report/stats.h"
#include "tests/proof/simulation/asked.h"
#include "tests/proof/simulation/expected.h"
#include "tests/proof/simulation/sent.h"

/// What is right: the gate's contract told once more, as simply as it can be, with lists that are
/// searched from end to end. It shares no code with the router, and reads no line.
namespace stdiogate::simulation {

class Model {
 public:
  explicit Model(const RouterConfig& config) : config_(config) {}

  using Number = Router::ServerNumber;
  using ServerState = Router::ServerState;

  void client(const Sent& sent, Time now);
  void server(const Sent& sent, Time now, Number server);
  void connect(Number server, bool must_answer, Time now);
  void retire(Number server);
  void disconnect(Number server, Time now);
  void advance(Time now);
  void end(Time now);

  [[nodiscard]] std::optional<Time> next_deadline() const;
  [[nodiscard]] std::uint32_t in_flight() const;
  [[nodiscard]] std::uint32_t awaited() const;
  [[nodiscard]] std::uint32_t busy(Number server) const;
  [[nodiscard]] bool is_opening_session() const;
  [[nodiscard]] bool ended() const { return ended_; }

  /// What is to come out now; whoever has compared it clears it.
  std::array<std::vector<Expected>, Router::kMaxServers> to_servers;
  std::vector<Expected> to_client;

  std::array<ServerState, Router::kMaxServers> states{};
  std::vector<Asked> open;         // requests of the client, in the order they were handed over;
                                   // and those of the gate's own
  std::vector<Asked> waiting;      // for a slot
  std::vector<Asked> server_open;  // requests of the servers
  /// The wire ids given out so far, by serial; 0 where it has not been seen yet.
  std::vector<std::uint64_t> wire_ids;
  std::vector<std::uint64_t> server_wire_ids;

  Statistics counts{};
  std::uint64_t gone = 0;  // requests that ended with the server or with the gate
  bool told_of_duplicate = false;

 private:
  struct Batch {
    std::uint32_t open = 1;
    std::uint32_t requests = 0;
    std::vector<Expected> answers{};
    bool refuses = false;
  };

  /// What a server that takes over has to be told.
  struct Session {
    Sent initialize{};
    std::string initialized{};
    bool is_open = false;
    Terms terms{};
  };

  void hear_client(const Sent& sent, std::uint32_t batch);
  void ask(const Sent& sent, std::uint32_t batch);
  void hand_over(Asked asked);
  void notify(const Sent& sent);
  [[nodiscard]] std::pair<Asked*, bool> named(const Id& id);
  [[nodiscard]] std::pair<Asked*, bool> named(std::uint64_t key);
  [[nodiscard]] bool is_asking_person(Number server) const;
  void cancel(const Sent& sent);
  void soft_cancel(const Sent& sent);
  void client_answer(const Sent& sent, std::uint32_t batch);
  void client_batch(const Sent& sent);
  void end_server_request(std::uint64_t wire_id);

  void hear_server(const Sent& sent);
  void server_ask(const Sent& sent);
  void server_notify(const Sent& sent);
  void server_progress(const Sent& sent);
  void restart(Asked& asked);
  void server_cancel(const Sent& sent);
  void close_question(const Asked& asked);
  void cancel_questions(std::optional<Number> server);
  void await(Asked& asked) const;
  void forget_token(const Asked& asked);
  void server_answer(const Sent& sent);
  void server_giant(const Sent& sent);
  void end_by_flawed_answer(std::uint64_t wire_id, int code, std::string_view reason);

  void ask_server(Number server, const Sent& sent);
  void go_on_opening(Number server);
  void fail_opening(Number server, ServerState state);
  void session_settled();
  void hear_own_answer(const Asked& asked, const Sent& sent);
  void take_over(Number server);
  void put_back(Asked asked);
  void hold_unconfirmed(std::uint32_t arrival);
  void start_ended(const Asked& asked);
  [[nodiscard]] Asked* first_waiting(bool may_use_reserve);
  [[nodiscard]] Asked* first_waiting();
  void note_answer(const Asked& asked, const Sent& sent);

  void serve();
  void finish(const Asked& asked, Expected answer);
  void close_in_batch(std::uint32_t batch);
  void answer(std::uint32_t batch, Expected expected);
  void invalid(int code, std::string_view id, std::uint32_t batch);
  [[nodiscard]] bool has_room(const Asked& asked) const;
  [[nodiscard]] std::uint32_t in_reserve() const;
  [[nodiscard]] Duration timeout_of(Method method) const;
  [[nodiscard]] Asked* open_as(std::uint64_t wire_id);
  [[nodiscard]] Asked* server_open_as(std::uint64_t wire_id);

  RouterConfig config_;
  std::optional<Number> serving_;
  Number sender_ = 0;  // of the server line that is heard
  Session session_;
  // Notifications while no server serves, each after so many requests.
  std::vector<std::pair<std::uint32_t, Sent>> held_;
  std::optional<Sent> unconfirmed_;  // the initialized of an initialize that is open
  static constexpr std::uint64_t kWireIds = std::uint64_t{1} << 63;  // keys of these, as tokens
  std::vector<std::uint64_t> ended_tokens_{};                        // keys
  bool settling_ = false;
  bool is_up_[Router::kMaxServers] = {};
  bool wants_new_session_ = false;  // an initialize came while the session was opened again
  bool asked_session_[Router::kMaxServers] = {};
  Time now_{};
  bool ended_ = false;
  std::uint32_t last_batch_ = 0;
  std::uint32_t last_arrival_ = 0;
  std::map<std::uint32_t, Batch> batches_;
};

}  // namespace stdiogate::simulation
