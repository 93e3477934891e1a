#include "lane.h"

#include <array>
#include <utility>

#include "gate_limits.h"

namespace stdiogate {

Lane::Lane(Reactor& reactor, Judge& judge, LineWriter& writer, const LineWriter& other,
           std::size_t max_line)
    : reactor_(reactor),
      judge_(judge),
      writer_(writer),
      other_(other),
      max_line_(max_line),
      reader_(max_line) {}

void Lane::connect_source(Stream source) {
  disconnect_source();
  source_ = std::move(source);
  reader_ = LineReader(max_line_);
  source_watch_.emplace(reactor_, source_.fd(), [this](Ready ready) { on_source_ready(ready); });
  unjudged_ = source_ended_ = source_hung_up_ = false;
  source_error_ = 0;
  settle();
}

void Lane::connect_sink(Stream sink) {
  disconnect_sink();
  sink_ = std::move(sink);
  sink_watch_.emplace(reactor_, sink_.fd(), [this](Ready ready) { on_sink_ready(ready); });
  settle();
}

void Lane::disconnect_source() {
  source_watch_.reset();
  source_ = {};
  state_ = State::closed;
}

void Lane::disconnect_sink() {
  sink_watch_.reset();
  sink_ = {};
  writer_.clear();
}

void Lane::on_source_ready(Ready ready) {
  if (state_ == State::reading) {
    read();
  } else if (ready.hangup) {
    source_hung_up_ = true;
    judge_.on_source_hangup(*this);
  }
  judge_.on_activity();
}

void Lane::on_sink_ready(Ready ready) {
  if (ready.writable) {
    (void)write();
  } else {
    lose_sink(0);
  }
  judge_.on_activity();
}

void Lane::read() {
  const IoResult result = source_.read(reader_.room());
  switch (result.kind) {
    case IoResult::Kind::done:
      reader_.commit(result.bytes);
      bytes_read_ += result.bytes;
      break;
    case IoResult::Kind::would_block: return;
    case IoResult::Kind::end:
    case IoResult::Kind::failed:
      reader_.end();
      source_ended_ = true;
      source_error_ = result.kind == IoResult::Kind::failed ? result.error : 0;
      break;
  }
  unjudged_ = true;
}

bool Lane::step() {
  const bool judged = unjudged_ && judge_lines();
  const bool drained = write();
  settle();
  return judged || drained;
}

bool Lane::has_room() const {
  return (!sink_ || writer_.size() < kHighWater) && other_.replies() < kHighWater;
}

// What is lent must stay where it is until the writer is empty: lines are only judged then, and the
// buffer is read into again only when all are.
bool Lane::judge_lines() {
  if ((sink_ && !writer_.empty()) || !has_room()) return false;
  writer_.lend(reader_.buffered());
  bool judged = false;
  while (unjudged_ && has_room()) {
    const auto line = reader_.next();
    if (line) {
      judge_.on_line(*this, *line);
    } else {
      unjudged_ = false;
    }
    judged = true;
  }
  writer_.lend({});
  if (!unjudged_ && source_ended_) {
    disconnect_source();
    judge_.on_source_end(*this, source_error_);
  }
  return judged;
}

/// Returns whether the sink has taken the last of what waited.
bool Lane::write() {
  if (!sink_) writer_.clear();
  if (writer_.empty()) return false;
  std::array<std::string_view, Stream::kMaxPieces> pieces;
  const std::size_t count = writer_.pieces(pieces);
  const IoResult result = sink_.write({pieces.data(), count});
  switch (result.kind) {
    case IoResult::Kind::done:
      bytes_written_ += result.bytes;
      writer_.consume(result.bytes);
      break;
    case IoResult::Kind::would_block: break;
    case IoResult::Kind::end: lose_sink(0); break;
    case IoResult::Kind::failed: lose_sink(result.error); break;
  }
  return writer_.empty();
}

void Lane::lose_sink(int error) {
  disconnect_sink();
  judge_.on_sink_gone(*this, error);
}

Lane::State Lane::next_state() const {
  if (!source_) return State::closed;
  if (sink_ && !writer_.empty()) return State::draining;
  if (unjudged_ || other_.replies() >= kHighWater) return State::held;
  return State::reading;
}

void Lane::settle() {
  state_ = next_state();
  if (source_watch_) {
    source_watch_->want(state_ == State::reading ? Interest::read
                        : source_hung_up_        ? Interest::nothing
                                                 : Interest::hangup);
  }
  if (sink_watch_) sink_watch_->want(writer_.empty() ? Interest::hangup : Interest::write);
}

}  // namespace stdiogate
