#include <algorithm>
#include <iterator>
#include <utility>

#include "tests/proof/simulation/model.h"

// What is right when servers come and go.
namespace stdiogate::simulation {

void Model::connect(Number server, bool must_answer, Time now) {
  now_ = now;
  states[server] = ServerState::opening;
  is_up_[server] = asked_session_[server] = false;
  if (must_answer && !session_.is_open) return ask_server(server, ping());
  go_on_opening(server);
}

/// It is up. If the client is just opening a session it waits for that; if there is one it has to
/// agree to it.
void Model::go_on_opening(Number server) {
  if (ended_) return;
  is_up_[server] = is_opening_session() && !asked_session_[server];
  if (is_up_[server]) return;
  if (!session_.is_open || asked_session_[server]) return take_over(server);
  asked_session_[server] = true;
  ask_server(server, session_.initialize);
}

/// An initialize of the client's has its outcome.
void Model::session_settled() {
  if (std::exchange(settling_, true)) return;
  for (Number server = 0; server < Router::kMaxServers; ++server) {
    if (states[server] == ServerState::opening && is_up_[server]) go_on_opening(server);
  }
  settling_ = false;
}

void Model::ask_server(Number server, const Sent& sent) {
  Asked asked{.arrival = ++last_arrival_, .sent = sent, .start = now_, .is_own = true};
  asked.sent.id = {.text = "null", .key = ~std::uint64_t{0}};  // of no client
  if (!has_room(asked)) {
    fail_opening(server, ServerState::failed);
    return;
  }
  asked.server = server;
  asked.serial = static_cast<std::uint32_t>(wire_ids.size());
  asked.in_reserve = in_reserve() < Router::kReserve;
  if (config_.start_timeout > Duration::zero())
    asked.deadline = asked.max_deadline = now_ + config_.start_timeout;
  wire_ids.push_back(0);
  to_servers[server].push_back(with_wire_id(sent, false, asked.serial));
  open.push_back(std::move(asked));
}

void Model::hear_own_answer(const Asked& asked, const Sent& sent) {
  const bool agrees = !sent.is_error && sent.terms.version == session_.terms.version;
  if (asked_session_[asked.server] && session_.is_open && !agrees) {
    fail_opening(asked.server, ServerState::failed);
  } else {
    go_on_opening(asked.server);
  }
}

/// A server that was asked to go on with the session cannot: a new one may begin.
void Model::fail_opening(Number server, ServerState state) {
  const bool was_asked = states[server] == ServerState::opening && asked_session_[server];
  if (was_asked && std::exchange(wants_new_session_, false)) session_ = {};
  states[server] = state;
}

void Model::take_over(Number server) {
  wants_new_session_ = false;
  if (serving_) states[*serving_] = ServerState::retired;
  for (Asked& asked : waiting) {
    if (!serving_) asked.deadline = now_ + config_.queue_timeout;
  }
  serving_ = server;
  states[server] = ServerState::serving;
  std::vector<Expected>& to_server = to_servers[server];
  if (session_.is_open) {
    if (!session_.initialized.empty()) to_server.push_back(verbatim(session_.initialized));
    for (std::size_t i = 0; i < kLists.size(); ++i) {
      if ((session_.terms.lists >> i & 1) != 0)
        to_client.push_back(verbatim(R"({"jsonrpc":"2.0","method":"notifications/)" +
                                     std::string(kLists[i]) + R"(/list_changed"})"));
    }
  }
  const auto send_held = [&](std::uint32_t before) {
    while (!held_.empty() && held_.front().first < before) {
      to_server.push_back(verbatim(held_.front().second.line));
      held_.erase(held_.begin());
    }
  };
  for (Asked* next = first_waiting(); next && has_room(*next); next = first_waiting()) {
    send_held(next->arrival);
    hand_over(taken(waiting, next));
  }
  send_held(UINT32_MAX);
  serve();
}

/// It waits from its start on: for a server, or for one of its slots.
void Model::await(Asked& asked) const {
  const bool forever = !serving_ && config_.start_timeout == Duration::zero();
  const Duration start = serving_ ? Duration::zero() : config_.start_timeout;
  asked.deadline.reset();
  if (!forever) asked.deadline = asked.start + start + config_.queue_timeout;
}

void Model::retire(Number server) {
  if (serving_ != server) return;
  states[server] = ServerState::retired;
  serving_.reset();
  for (Asked& asked : waiting)
    await(asked);
}

void Model::disconnect(Number server, Time now) {
  now_ = now;
  retire(server);
  fail_opening(server, ServerState::none);
  const auto is_its = [&](const Asked& asked) { return asked.server == server; };
  std::vector<Asked> lost;
  std::ranges::copy_if(open, std::back_inserter(lost), is_its);
  std::ranges::sort(lost, {}, &Asked::arrival);
  std::uint32_t last_start = 0;
  for (const Asked& asked : lost) {
    std::erase_if(open, [&](const Asked& other) { return other.serial == asked.serial; });
    if (asked.is_own) continue;
    if (!ended_ && (asked.sent.method == Method::start || asked.sent.method == Method::ping)) {
      if (asked.sent.method == Method::start) last_start = asked.arrival;
      put_back(asked);
      continue;
    }
    ++gone;
    start_ended(asked);
    forget_token(asked);
    finish(asked, gate_error(asked.sent.id.text, -31003, "server-exited", false));
  }
  if (last_start != 0) hold_unconfirmed(last_start);
  cancel_questions(server);
  serve();
}

/// Behind the initialize that arrived as this one, which waits again: the notification that had
/// followed it.
void Model::hold_unconfirmed(std::uint32_t arrival) {
  const auto is_it = [&](const auto& one) { return one.second.line == unconfirmed_->line; };
  if (!unconfirmed_ || std::ranges::any_of(held_, is_it)) return;
  const auto at =
      std::ranges::find_if(held_, [&](const auto& one) { return one.first >= arrival; });
  held_.insert(at, {arrival, *unconfirmed_});
}

/// A request without effects waits for the next server.
void Model::put_back(Asked asked) {
  asked.is_again = true;
  asked.in_reserve = asked.named_by_token = false;
  asked.max_deadline.reset();
  asked.start = now_;
  await(asked);
  waiting.push_back(std::move(asked));
  counts.waiting_max = std::max<std::uint64_t>(counts.waiting_max, waiting.size());
}

/// The answer to the client's own `initialize`.
void Model::note_answer(const Asked& asked, const Sent& sent) {
  if (asked.sent.method != Method::start) return;
  if (!sent.is_error) {
    session_.initialize = asked.sent;
    session_.is_open = true;
    session_.terms = sent.terms;
    if (unconfirmed_) session_.initialized = unconfirmed_->line;
  }
  start_ended(asked);
}

/// An initialize that was open has its outcome.
void Model::start_ended(const Asked& asked) {
  if (asked.sent.method == Method::start && !is_opening_session()) unconfirmed_.reset();
}

void Model::notify(const Sent& sent) {
  if (sent.is_initialized && session_.is_open && !wants_new_session_) {
    session_.initialized = sent.line;
    if (!serving_) return;
  } else if (sent.is_initialized) {
    unconfirmed_ = sent;
  }
  if (serving_) return to_servers[*serving_].push_back(verbatim(sent.line));
  std::size_t bytes = sent.line.size();
  for (const auto& [arrival, other] : held_)
    bytes += other.line.size();
  if (bytes <= config_.queue_bytes) held_.emplace_back(last_arrival_, sent);
}

std::uint32_t Model::in_flight() const {
  const auto own = std::ranges::count_if(open, &Asked::is_own);
  return static_cast<std::uint32_t>(open.size()) - static_cast<std::uint32_t>(own);
}

std::uint32_t Model::busy(Number server) const {
  const auto is_awaited = [&](const Asked& asked) {
    return asked.server == server && !asked.is_own && asked.sent.method != Method::listen;
  };
  return static_cast<std::uint32_t>(std::ranges::count_if(open, is_awaited) +
                                    std::ranges::count(server_open, server, &Asked::server));
}

bool Model::is_opening_session() const {
  return std::ranges::any_of(
      open, [](const Asked& asked) { return !asked.is_own && asked.sent.method == Method::start; });
}

}  // namespace stdiogate::simulation
