#include "src/router/batches.h"

#include "src/text.h"

namespace stdiogate {

namespace {

// Answers of this size are rare: they are given the room they need, and no more.
constexpr std::size_t kLarge = 4096;

}  // namespace

Batches::Number Batches::open() {
  const Handle handle = batches_.acquire();
  const bool refuses =
      batches_.size() > Router::kMaxOpenBatches || gathered_ >= Router::kMaxGathered;
  *batches_.get(handle) = {.open = 1, .refuses = refuses};
  return batches_.number(handle);
}

bool Batches::add(Number batch) {
  if (batch == 0) return true;
  Batch& added = at(batch);
  ++added.open;
  return ++added.requests <= Router::kMaxBatch && !added.refuses;
}

GateError Batches::refusal(Number batch) {
  if (at(batch).requests > Router::kMaxBatch)
    return limit_error(Router::kMaxBatch, "requests of one batch");
  if (gathered_ >= Router::kMaxGathered)
    return limit_error(Router::kMaxGathered, "bytes of gathered answers");
  return limit_error(Router::kMaxOpenBatches, "concurrent batches");
}

void Batches::gather(Number batch, std::string_view line, std::span<const Edit> edits) {
  std::string& answers = at(batch).answers;
  const std::size_t before = answers.size();
  const std::size_t length = edited_size(line, edits);
  // A separator, and the bracket at the end.
  if (length >= kLarge) answers.reserve(before + length + 2);
  answers += answers.empty() ? '[' : ',';
  answers.resize(answers.size() + length);
  put_edited(answers.data() + answers.size() - length, line, edits);
  gathered_ += answers.size() - before;
}

void Batches::reply(Number batch, std::string_view line) {
  answer(batch, line, {});
  if (batch == 0) {
    to_client_.note_replies(line.size() + 1);
  } else {
    at(batch).replies += line.size();
  }
}

void Batches::close(Number batch) {
  if (batch == 0) return;
  Batch& gathering = at(batch);
  if (--gathering.open > 0) return;
  gathered_ -= gathering.answers.size();
  if (!gathering.answers.empty()) {
    to_client_.append(gathering.answers += ']');
    to_client_.note_replies(gathering.replies);
  }
  give_back(gathering.answers);
  batches_.release(batches_.handle(batch));
}

}  // namespace stdiogate
