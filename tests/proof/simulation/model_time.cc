#include <algorithm>
#include <utility>

#include "tests/proof/simulation/model.h"

// What ends by the time, or with the gate.
namespace stdiogate::simulation {

void Model::advance(Time now) {
  now_ = now;
  const auto is_due = [&](const Asked& asked) { return asked.deadline && *asked.deadline <= now; };
  while (Asked* due = newest(open, is_due)) {
    const Asked asked = taken(open, due);
    if (asked.is_own) {
      fail_opening(asked.server, ServerState::failed);
      continue;
    }
    ++counts.timed_out;
    start_ended(asked);
    forget_token(asked);
    finish(asked, gate_error(asked.sent.id.text, -31002, "timeout", false));
    if (asked.sent.method == Method::start) continue;
    Expected told{.between = Expected::Between::text};
    told.head = R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
                std::to_string(wire_ids[asked.serial]) + R"(,"reason":")";
    told.tail = "\"}}";
    to_servers[asked.server].push_back(std::move(told));
  }
  serve();
  while (Asked* due = newest(waiting, is_due)) {
    ++counts.refused;
    const Asked asked = taken(waiting, due);
    finish(asked, gate_error(asked.sent.id.text, -31006, "queue-timeout", !asked.is_again));
  }
}

void Model::end(Time now) {
  now_ = now;
  ended_ = true;
  std::erase_if(open, [](const Asked& asked) { return asked.is_own; });
  gone += open.size() + waiting.size();
  std::ranges::sort(open, {}, &Asked::arrival);
  while (!open.empty()) {
    const Asked asked = taken(open, &open.front());
    forget_token(asked);
    finish(asked, gate_error(asked.sent.id.text, -31003, "server-exited", false));
  }
  while (Asked* first = first_waiting()) {
    const Asked asked = taken(waiting, first);
    finish(asked, gate_error(asked.sent.id.text, -31003, "server-exited", !asked.is_again));
  }
  cancel_questions({});
}

std::optional<Time> Model::next_deadline() const {
  std::optional<Time> next;
  const auto consider = [&](const std::optional<Time>& time) {
    if (time && (!next || *time < *next)) next = time;
  };
  for (const std::vector<Asked>* list : {&open, &waiting}) {
    for (const Asked& asked : *list)
      consider(asked.deadline);
  }
  return next;
}

std::uint32_t Model::awaited() const {
  std::size_t count = waiting.size();
  for (const Asked& asked : open)
    count += !asked.is_own && asked.sent.method != Method::listen;
  return static_cast<std::uint32_t>(count);
}

}  // namespace stdiogate::simulation
