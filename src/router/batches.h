#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "stdiogate/gate_error.h"
#include "stdiogate/line_writer.h"
#include "stdiogate/router.h"
#include "stdiogate/slot_pool.h"

namespace stdiogate {

/// JSON-RPC batches of the client. An array is taken apart and each element is a message of its
/// own; here the answers are gathered, and written as one array when the last element has its
/// outcome.
///
///     open -> add, add, ...   one for each element that will have an outcome
///          -> answer, close   in any order, later too
///          -> close           all of the array has been taken apart
///
/// Bounded: beyond Router::kMaxBatch requests in one batch, kMaxOpenBatches batches, or
/// kMaxGathered bytes of answers, requests in batches are refused.
class Batches {
 public:
  /// Names a batch. 0 names none: the message is no element of one.
  using Number = std::uint64_t;

  explicit Batches(LineWriter& to_client)
      : to_client_(to_client), batches_(Router::kMaxOpenBatches + 1) {}

  /// A new batch. It stays open until `close` has been called once for each `add`, and once more.
  /// If too many are open it refuses its requests, and so ends within its own line: one place is
  /// kept for such a batch.
  [[nodiscard]] Number open();

  /// One more element of the batch will have an outcome. Returns false if it must be refused.
  [[nodiscard]] bool add(Number batch);

  /// Why the element added last must be refused.
  [[nodiscard]] GateError refusal(Number batch);

  /// Whether there is room for an answer of this size.
  [[nodiscard]] bool fits(Number batch, std::string_view answer) const {
    return batch == 0 || gathered_ + answer.size() <= Router::kMaxGathered;
  }

  /// An answer of the server's: into the batch, or to the client at once.
  void answer(Number batch, std::string_view line, std::span<const Edit> edits) {
    if (batch == 0) return to_client_.append(line, edits);
    gather(batch, line, edits);
  }

  /// The same for a reply of the gate's own (see LineWriter::note_replies).
  void reply(Number batch, std::string_view line);

  /// An element has its outcome. With the last the answers go to the client, if there are any: of
  /// notifications alone there are none (JSON-RPC 2.0, section 6).
  void close(Number batch);

 private:
  struct Batch {
    std::uint32_t open = 0;      // elements without an outcome, and one while it is taken apart
    std::uint32_t requests = 0;  // all that were added
    std::string answers{};       // separated by commas
    std::size_t replies = 0;     // bytes of them that are the gate's own
    bool refuses = false;
  };

  void gather(Number batch, std::string_view line, std::span<const Edit> edits);
  [[nodiscard]] Batch& at(Number batch) { return *batches_.get(batches_.handle(batch)); }

  LineWriter& to_client_;
  SlotPool<Batch> batches_;
  std::size_t gathered_ = 0;  // bytes of all answers
};

}  // namespace stdiogate
