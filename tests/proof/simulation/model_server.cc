#include "tests/proof/simulation/model.h"

// What is right for lines of a server.
namespace stdiogate::simulation {

void Model::server(const Sent& sent, Time now, Number server) {
  now_ = now;
  sender_ = server;
  if (sent.line.size() > config_.max_line) {
    server_giant(sent);
  } else if (sent.say == Say::batch) {
    for (const Sent& element : sent.elements)
      hear_server(element);
  } else {
    hear_server(sent);
  }
  serve();
}

void Model::hear_server(const Sent& sent) {
  switch (sent.say) {
    case Say::blank: return;
    case Say::request: return server_ask(sent);
    case Say::notification:
    case Say::progress: return server_notify(sent);
    case Say::cancel:
    case Say::soft_cancel: return server_cancel(sent);
    case Say::answer: return server_answer(sent);
    case Say::invalid:
      ++counts.noise_lines;
      return end_by_flawed_answer(sent.shown, -31008, "invalid-answer");
    case Say::batch: ++counts.noise_lines; return;
  }
}

void Model::server_ask(const Sent& sent) {
  const Asked* ours = open_as(sent.id.number);
  if (ours && name_of(ours->sent.method) == name_of(sent.method)) {  // it has come back
    ++counts.echoes;
    ++counts.noise_lines;
    return;
  }
  ++counts.server_requests;
  if (server_open.size() == Router::kMaxServerRequests) {
    to_servers[sender_].push_back(gate_error(sent.id.text, -31001, "limit", true));
    return;
  }
  const auto serial = static_cast<std::uint32_t>(server_wire_ids.size());
  server_wire_ids.push_back(0);
  server_open.push_back({.serial = serial, .sent = sent, .server = sender_});
  to_client.push_back(with_wire_id(sent, true, serial));
}

void Model::server_notify(const Sent& sent) {
  std::string_view subscription;
  if (!sent.subscription.text.empty()) {
    const Asked* asked = open_as(sent.subscription.number);
    if (!asked || asked->is_own) {
      ++counts.stray_notifications;
      return;
    }
    subscription = asked->sent.id.text;
  }
  for (Asked& asked : open) {
    if (sent.say == Say::progress && asked.max_deadline && asked.sent.token.key == sent.token.key)
      asked.deadline = now_ + asked.timeout;
  }
  to_client.push_back(verbatim(edited(sent, "", subscription)));
}

void Model::server_cancel(const Sent& sent) {
  const auto is_own = [&](const Asked& asked) {
    return asked.server == sender_ && asked.sent.id.key == sent.id.key;
  };
  if (Asked* own = newest(server_open, is_own)) {
    to_client.push_back(with_wire_id(sent, true, own->serial));
    if (sent.say == Say::cancel) (void)taken(server_open, own);
    return;
  }
  Asked* asked = open_as(sent.id.number);
  if (!asked || asked->is_own) return;
  to_client.push_back(verbatim(edited(sent, asked->sent.id.text, "")));
  if (sent.say != Say::cancel || asked->sent.method != Method::listen) return;
  ++counts.cancelled;
  close_in_batch(taken(open, asked).batch);
}

void Model::server_answer(const Sent& sent) {
  if (sent.is_error && (sent.id.text.empty() || sent.id.text == "null")) {
    to_client.push_back(verbatim(sent.line));
    return;
  }
  Asked* asked = open_as(sent.id.number);
  if (!asked) {
    ++counts.late_answers;
    return;
  }
  if (asked->is_own) return hear_own_answer(taken(open, asked), sent);
  ++counts.answers;
  counts.errors += sent.is_error;
  const std::string& id = asked->sent.id.text;
  const bool named_twice = sent.subscription.number == sent.id.number;
  const Expected expected = verbatim(edited(sent, id, named_twice ? id : ""));
  const Asked answered = taken(open, asked);
  note_answer(answered, sent);
  finish(answered, expected);
}

void Model::server_giant(const Sent& sent) {
  ++counts.noise_lines;
  const std::uint64_t shown = sent.say == Say::answer ? sent.id.number : sent.shown;
  end_by_flawed_answer(shown, -31005, "line-too-long");
}

/// It has been answered, but not in a way that can be passed on.
void Model::end_by_flawed_answer(std::uint64_t wire_id, int code, std::string_view reason) {
  Asked* asked = open_as(wire_id);
  if (!asked) return;
  counts.invalid_answers += code == -31008;
  const Asked answered = taken(open, asked);
  if (answered.is_own) {
    states[sender_] = ServerState::failed;
    return;
  }
  ++counts.answers;
  ++counts.errors;
  finish(answered, gate_error(answered.sent.id.text, code, reason, false));
}

Asked* Model::open_as(std::uint64_t wire_id) {
  if (wire_id == 0) return nullptr;
  return newest(open, [&](const Asked& asked) {
    return asked.server == sender_ && wire_ids[asked.serial] == wire_id;
  });
}

Asked* Model::server_open_as(std::uint64_t wire_id) {
  if (wire_id == 0) return nullptr;
  return newest(server_open,
                [&](const Asked& asked) { return server_wire_ids[asked.serial] == wire_id; });
}

}  // namespace stdiogate::simulation
