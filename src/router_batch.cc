#include "json_walk.h"
#include "router_state.h"

// JSON-RPC batches: arrays are taken apart, each element is a line of its own. MCP had them in
// 2025-03-26 alone (basic/index), other protocols of JSON-RPC 2.0 have them still.
namespace stdiogate {

void Router::State::client_batch(std::string_view line) {
  if (json::Elements(line).next().empty())
    return refuse_line({-32600, "the batch is empty", {}}, "", 0);
  if (is_too_large(line)) {
    const std::string limit = std::to_string(kMaxBatch);
    return refuse_line({-32600, "the batch has more than " + limit + " requests", {}}, "", 0);
  }
  const Handle handle = batches.acquire();
  if (!batches.get(handle)) return tell_client("", limit_error(kMaxOpenBatches), 0);
  const std::uint64_t batch = batches.number(handle);
  *batches.get(handle) = {
      .open = 1, .answers = {}, .replies = 0};  // open until all of it is taken apart
  json::Elements elements(line);
  for (auto element = elements.next(); !element.empty(); element = elements.next()) {
    client_message(element, parser.parse(element), batch);
    serve_queue();  // a slot a cancel has freed is not for the next element
  }
  close_in_batch(batch);
}

/// Whether more elements than are allowed want an answer. Only a batch of many elements is looked
/// at closely.
bool Router::State::is_too_large(std::string_view line) {
  std::size_t count = 0;
  json::Elements all(line);
  while (count <= kMaxBatch && !all.next().empty())
    ++count;
  if (count <= kMaxBatch) return false;
  count = 0;
  json::Elements elements(line);
  for (auto element = elements.next(); !element.empty() && count <= kMaxBatch;
       element = elements.next()) {
    const MessageKind kind = parser.parse(element).kind;
    count += kind != MessageKind::notification && kind != MessageKind::response;
  }
  return count > kMaxBatch;
}

void Router::State::server_batch(std::string_view line) {
  std::size_t requests = 0;
  json::Elements elements(line);
  for (auto element = elements.next(); !element.empty(); element = elements.next()) {
    const Message& message = parser.parse(element, listening > 0);
    // Each may have to be refused, and many refusals in one go would be hoarded.
    const bool too_many = message.kind == MessageKind::request && ++requests > kMaxBatch;
    if (message.kind == MessageKind::batch || too_many) {
      report({.kind = EventKind::noise, .from_server = true, .detail = element});
    } else {
      server_message(element, message);
    }
  }
}

/// An answer of the server's, or one of the gate's own, on its way to the client.
void Router::State::answer_client(std::string_view line, std::span<const Edit> edits,
                                  std::uint64_t batch) {
  if (batch == 0) {
    to_client.append(line, edits);
  } else {
    gather(batch, line, edits);
  }
}

/// What is gathered is bounded as a line is: an answer beyond that is too long.
bool Router::State::fits_in_batch(std::string_view answer) const {
  return gathered + answer.size() <= config.max_line;
}

void Router::State::gather(std::uint64_t batch, std::string_view line,
                           std::span<const Edit> edits) {
  std::string& answers = batches.get(batches.handle(batch))->answers;
  const std::size_t before = answers.size();
  answers += answers.empty() ? '[' : ',';
  append_edited(answers, line, edits);
  gathered += answers.size() - before;
}

/// An element has its outcome. With the last the answers go to the client, if there are any: of
/// notifications alone there are none (JSON-RPC 2.0, section 6).
void Router::State::close_in_batch(std::uint64_t batch) {
  const Handle handle = batches.handle(batch);
  Batch& gathering = *batches.get(handle);
  if (--gathering.open > 0) return;
  gathered -= gathering.answers.size();
  if (!gathering.answers.empty()) {
    to_client.append(gathering.answers += ']');
    to_client.note_replies(gathering.replies);
  }
  gathering.answers = {};  // its memory, too
  batches.release(handle);
}

}  // namespace stdiogate
