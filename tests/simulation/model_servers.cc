#include <algorithm>
#include <iterator>

#include "simulation/model.h"

// What is right when servers come and go.
namespace stdiogate::simulation {

void Model::connect(Number server, bool must_answer, Time now) {
  now_ = now;
  states[server] = ServerState::opening;
  if (session_.is_open) return ask_server(server, session_.initialize);
  if (must_answer) return ask_server(server, ping());
  take_over(server);
}

void Model::ask_server(Number server, const Sent& sent) {
  Asked asked{.arrival = ++last_arrival_, .sent = sent, .start = now_, .is_own = true};
  asked.sent.method = Method::start;
  asked.sent.id = {.text = "null", .key = ~std::uint64_t{0}};  // of no client
  if (!has_room(asked)) {
    states[server] = ServerState::failed;
    return;
  }
  asked.server = server;
  asked.serial = static_cast<std::uint32_t>(wire_ids.size());
  asked.in_reserve = in_reserve() < Router::kReserve;
  if (config_.start_timeout > Duration::zero()) asked.deadline = now_ + config_.start_timeout;
  wire_ids.push_back(0);
  to_servers[server].push_back(with_wire_id(sent, false, asked.serial));
  open.push_back(std::move(asked));
}

void Model::hear_own_answer(const Asked& asked, const Sent& sent) {
  const bool agrees = !sent.is_error && sent.terms.version == session_.terms.version;
  if (session_.is_open && !agrees) {
    states[asked.server] = ServerState::failed;
  } else {
    take_over(asked.server);
  }
}

void Model::take_over(Number server) {
  if (serving_) states[*serving_] = ServerState::retired;
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
  for (const Sent& sent : held_)
    to_server.push_back(verbatim(sent.line));
  held_.clear();
  serve();
}

void Model::retire(Number server) {
  if (serving_ != server) return;
  states[server] = ServerState::retired;
  serving_.reset();
}

void Model::disconnect(Number server, Time now) {
  now_ = now;
  retire(server);
  states[server] = ServerState::none;
  const auto is_its = [&](const Asked& asked) { return asked.server == server; };
  std::vector<Asked> lost;
  std::ranges::copy_if(open, std::back_inserter(lost), is_its);
  std::erase_if(open, is_its);
  std::erase_if(lost, [](const Asked& asked) { return asked.is_own; });
  std::ranges::sort(lost, {}, &Asked::arrival);
  gone += lost.size();
  for (const Asked& asked : lost)
    finish(asked, gate_error(asked.sent.id.text, -31003, "server-exited", false));
  std::erase_if(server_open, is_its);
  serve();
}

/// The answer to the client's own `initialize`.
void Model::note_answer(const Asked& asked, const Sent& sent) {
  if (asked.sent.method != Method::start || sent.is_error || session_.is_open) return;
  session_.is_open = true;
  session_.terms = sent.terms;
}

void Model::notify(const Sent& sent) {
  if (sent.is_initialized && session_.is_open) {
    session_.initialized = sent.line;
    if (!serving_) return;
  }
  if (serving_) return to_servers[*serving_].push_back(verbatim(sent.line));
  std::size_t bytes = sent.line.size();
  for (const Sent& other : held_)
    bytes += other.line.size();
  if (bytes <= config_.queue_bytes) held_.push_back(sent);
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
