#include "src/json/walk.h"
#include "src/router/state.h"

// JSON-RPC batches: arrays are taken apart, each element is a line of its own. MCP had them in
// 2025-03-26 alone (basic/index), other protocols of JSON-RPC 2.0 have them still.
namespace stdiogate {

namespace {

// Answers of this size are rare: they are given the room they need, and no more.
constexpr std::size_t kLarge = 4096;

std::size_t count_elements(std::string_view array) {
  std::size_t count = 0;
  for (json::Elements elements(array); !elements.next().empty();)
    ++count;
  return count;
}

std::string too_many(std::size_t most, std::string_view what) {
  return "the batch has more than " + std::to_string(most) + " " + std::string(what);
}

}  // namespace

void Router::State::client_batch(std::string_view line) {
  const std::size_t count = count_elements(line);
  if (count == 0) return refuse_line({-32600, "the batch is empty", {}}, "", 0);
  if (count > kMaxElements)
    return refuse_line({-32600, too_many(kMaxElements, "elements"), {}}, "", 0);
  if (count > kMaxBatch && wanted_answers(line) > kMaxBatch)
    return refuse_line({-32600, too_many(kMaxBatch, "requests"), {}}, "", 0);
  const Handle handle = batches.acquire();
  const std::uint64_t batch = batches.number(handle);
  // Open until all of it is taken apart. Where there are too many its requests are refused, but not
  // what else is in it, and so it never stays open: one place is always left for such a one.
  *batches.get(handle) = {.open = 1,
                          .answers = {},
                          .replies = 0,
                          .refuses = batches.size() > kMaxOpenBatches || gathered >= kMaxGathered};
  json::Elements elements(line);
  for (auto element = elements.next(); !element.empty(); element = elements.next()) {
    client_message(element, parser.parse(element), batch);
    serve_queue();  // a slot a cancel has freed is not for the next element
  }
  close_in_batch(batch);
}

std::size_t Router::State::wanted_answers(std::string_view line) {
  std::size_t count = 0;
  json::Elements elements(line);
  for (auto element = elements.next(); !element.empty(); element = elements.next()) {
    const Message& message = parser.parse(element);
    const bool wants_none = message.kind == MessageKind::notification ||
                            (message.kind == MessageKind::response && !message.id.empty());
    count += !wants_none;
  }
  return count;
}

Batch& Router::State::open_batch(std::uint64_t batch) {
  return *batches.get(batches.handle(batch));
}

void Router::State::server_batch(std::string_view line) {
  if (count_elements(line) > kMaxElements)
    return report({.kind = EventKind::noise, .from_server = true, .detail = line});
  json::Elements elements(line);
  for (auto element = elements.next(); !element.empty(); element = elements.next()) {
    const Message& message = parser.parse(element, listening > 0);
    if (message.kind == MessageKind::batch) {
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

bool Router::State::fits_in_batch(std::string_view answer) const {
  return gathered + answer.size() <= kMaxGathered;
}

void Router::State::gather(std::uint64_t batch, std::string_view line,
                           std::span<const Edit> edits) {
  std::string& answers = open_batch(batch).answers;
  const std::size_t before = answers.size();
  std::size_t length = line.size() + 2;  // a separator and the bracket at the end
  for (const Edit& edit : edits)
    length += edit.replacement.size();
  // A giant must not be moved to twice its room.
  if (line.size() >= kLarge) answers.reserve(before + length);
  answers += answers.empty() ? '[' : ',';
  append_edited(answers, line, edits);
  gathered += answers.size() - before;
}

/// An element has its outcome. With the last the answers go to the client, if there are any: of
/// notifications alone there are none (JSON-RPC 2.0, section 6).
void Router::State::close_in_batch(std::uint64_t batch) {
  Batch& gathering = open_batch(batch);
  if (--gathering.open > 0) return;
  gathered -= gathering.answers.size();
  if (!gathering.answers.empty()) {
    to_client.append(gathering.answers += ']');
    to_client.note_replies(gathering.replies);
  }
  gathering.answers = {};  // its memory, too
  batches.release(batches.handle(batch));
}

}  // namespace stdiogate
