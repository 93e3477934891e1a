#include <algorithm>

#include "tests/proof/simulation/model.h"

// What is right for lines of a server.
namespace stdiogate::simulation {

void Model::server(const Sent& sent, Time now, Number server) {
  now_ = now;
  sender_ = server;
  if (sent.line.size() > config_.max_line) {
    server_giant(sent);
  } else if (sent.say == Say::batch) {
    counts.noise_lines += sent.elements.empty();
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
  const auto oldest_ping = std::ranges::find(server_open, Method::ping,
                                             [](const Asked& asked) { return asked.sent.method; });
  if (server_open.size() == Router::kMaxServerRequests && oldest_ping != server_open.end())
    server_open.erase(oldest_ping);
  if (server_open.size() == Router::kMaxServerRequests) {
    to_servers[sender_].push_back(gate_error(sent.id.text, -31001, "limit", true));
    return;
  }
  const auto serial = static_cast<std::uint32_t>(server_wire_ids.size());
  server_wire_ids.push_back(0);
  server_open.push_back({.serial = serial, .sent = sent, .server = sender_});
  to_client.push_back(with_wire_id(sent, true, serial));
  if (sent.method != Method::elicit) return;
  for (Asked& asked : open) {
    if (asked.server == sender_ && asked.deadline) asked.deadline = asked.max_deadline;
  }
}

bool Model::is_asking_person(Number server) const {
  return std::ranges::any_of(server_open, [&](const Asked& asked) {
    return asked.server == server && asked.sent.method == Method::elicit;
  });
}

/// It has its whole time again, or, while a person is asked, all there is.
void Model::restart(Asked& asked) {
  if (!asked.max_deadline) return;
  asked.deadline = is_asking_person(asked.server)
                       ? *asked.max_deadline
                       : std::min(now_ + asked.timeout, *asked.max_deadline);
}

/// A question of a server's is open no more.
void Model::close_question(const Asked& question) {
  if (question.sent.method != Method::elicit || is_asking_person(question.server)) return;
  for (Asked& asked : open) {
    if (asked.server == question.server && !asked.is_own) restart(asked);
  }
}

/// The questions of a server, or of all, are taken back at the client.
void Model::cancel_questions(std::optional<Number> server) {
  for (const Asked& asked : server_open) {
    if (server && asked.server != *server) continue;
    to_client.push_back(
        {.head = R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)",
         .tail = R"(,"reason":"The server has ended"}})",
         .between = Expected::Between::wire_id,
         .of_server = true,
         .serial = asked.serial});
  }
  std::erase_if(server_open,
                [&](const Asked& asked) { return !server || asked.server == *server; });
}

void Model::server_progress(const Sent& sent) {
  bool is_known = false;
  for (Asked& asked : open) {
    const Id& token = asked.sent.token;
    if (asked.is_own || token.text.empty() || token.key != sent.token.key) continue;
    is_known = true;
    restart(asked);
  }
  Asked* named = is_known ? nullptr : open_as(sent.token.number);
  if (named && !named->is_own && named->sent.method != Method::listen) {
    named->named_by_token = true;
    restart(*named);
    const Id& token = named->sent.token.text.empty() ? named->sent.id : named->sent.token;
    to_client.push_back(verbatim(with_token(sent, token.text)));
    return;
  }
  const auto oldest =
      ended_tokens_.size() > 1024 ? ended_tokens_.end() - 1024 : ended_tokens_.begin();
  const auto has_ended = [&](std::uint64_t key) {
    return std::find(oldest, ended_tokens_.end(), key) != ended_tokens_.end();
  };
  if (!is_known && (has_ended(sent.token.key) || has_ended(kWireIds + sent.token.number))) {
    ++counts.stray_notifications;
    return;
  }
  to_client.push_back(verbatim(sent.line));
}

void Model::server_notify(const Sent& sent) {
  if (sent.say == Say::progress) return server_progress(sent);
  std::string_view subscription;
  if (!sent.subscription.text.empty()) {
    const Asked* asked = open_as(sent.subscription.number);
    if (!asked || asked->is_own) {
      ++counts.stray_notifications;
      return;
    }
    subscription = asked->sent.id.text;
  }
  to_client.push_back(verbatim(edited(sent, "", subscription)));
}

void Model::server_cancel(const Sent& sent) {
  const auto own_with = [&](std::optional<std::uint64_t> key) {
    return newest(server_open, [&](const Asked& asked) {
      return asked.server == sender_ && asked.sent.id.key == key;
    });
  };
  Asked* own = own_with(sent.id.key);
  Asked* asked = own ? nullptr : open_as(sent.id.number);
  if (asked && asked->is_own) asked = nullptr;
  if (!own && !asked) own = own_with(other_key(sent.id));
  if (own) {
    to_client.push_back(with_wire_id(sent, true, own->serial));
    if (sent.say == Say::cancel) close_question(taken(server_open, own));
    return;
  }
  if (!asked) return;
  to_client.push_back(verbatim(edited(sent, asked->sent.id.text, "")));
  if (sent.say != Say::cancel || asked->sent.method != Method::listen) return;
  ++counts.cancelled;
  const Asked ended = taken(open, asked);
  forget_token(ended);
  close_in_batch(ended.batch);
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
    fail_opening(sender_, ServerState::failed);
    return;
  }
  ++counts.answers;
  ++counts.errors;
  start_ended(answered);
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
