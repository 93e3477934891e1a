#include "src/io/lane.h"

#include <algorithm>
#include <utility>

#include "src/limits.h"

namespace stdiogate {

Lane::Lane(Reactor& reactor, Judge& judge, Sink& sink, const Sink& replies, std::size_t max_line)
    : reactor_(reactor),
      judge_(judge),
      sink_(&sink),
      replies_(replies),
      max_line_(max_line),
      reader_(max_line) {}

Lane::~Lane() {
  sink_->writer().keep(reader_.buffered());
}

void Lane::connect_source(Stream source) {
  disconnect_source();
  sink_->writer().keep(reader_.buffered());
  reader_ = LineReader(max_line_);
  source_ = std::move(source);
  watch_.emplace(reactor_, source_.fd(), [this](Ready ready) { on_source_ready(ready); });
  unjudged_ = ended_ = ends_dry_ = false;
  error_ = 0;
  settle();
}

void Lane::disconnect_source() {
  watch_.reset();
  source_ = {};
  state_ = State::closed;
}

void Lane::redirect(Sink& sink) {
  sink_->writer().keep(reader_.buffered());
  sink_ = &sink;
  settle();
}

void Lane::end_when_dry() {
  if (ends_dry_) return;
  ends_dry_ = true;
  left_ = source_.bytes_to_read();
}

void Lane::on_source_ready(Ready ready) {
  if (state_ == State::reading) {
    read();
  } else if (ready.hangup) {
    watch_->want(Interest::nothing);  // it would be said again and again
    judge_.on_source_hangup(*this);
  }
  judge_.on_activity();
}

void Lane::read() {
  std::span<char> room = reader_.room();
  room = room.first(std::min(room.size(), most_to_read()));
  // What comes after the rest is not the source's, whoever writes it.
  if (ends_dry_) room = room.first(std::min(room.size(), left_));
  const IoResult result = room.empty() ? IoResult{.kind = IoResult::Kind::end} : source_.read(room);
  read_ = result.bytes;
  lines_read_ = 0;
  switch (result.kind) {
    case IoResult::Kind::done:
      reader_.commit(result.bytes);
      got_all_ = result.bytes < room.size();
      left_ -= std::min(left_, result.bytes);
      break;
    case IoResult::Kind::would_block:
      if (!ends_dry_) return;
      [[fallthrough]];
    case IoResult::Kind::end:
    case IoResult::Kind::failed:
      reader_.end();
      ended_ = true;
      error_ = result.kind == IoResult::Kind::failed ? result.error : 0;
      break;
  }
  unjudged_ = true;
}

bool Lane::step() {
  if (ends_dry_ && !unjudged_ && state_ == State::reading) read();
  if (unjudged_ && judge_lines()) return true;
  settle();  // with the last step: what has been judged may just have been written
  return false;
}

bool Lane::has_room() const {
  return sink_->has_room() && replies_.writer().replies() < kHighWater;
}

// Lines are judged when the last ones have been taken; not only when the sink has nothing to do, or
// replies to others, of which there may always be some, would keep it from them for ever. What is
// lent must stay where it is until it is taken, and the buffer is read into again only when all its
// lines are judged.
bool Lane::must_wait() const {
  const LineWriter& writer = sink_->writer();
  if (!sink_->is_busy()) return false;
  return writer.size() > writer.replies() || writer.refers_to(reader_.buffered());
}

bool Lane::judge_lines() {
  if (must_wait() || !has_room()) return false;
  sink_->writer().lend(reader_.buffered());
  const std::size_t most = most_to_judge();
  judge_.on_lines(reader_.whole_lines(most));
  bool judged = false;
  for (std::size_t lines = 0; unjudged_ && lines < most && has_room();) {
    const auto line = reader_.next();
    if (line) {
      judge_.on_line(*this, *line);
      ++lines;
      ++lines_read_;
    } else {
      unjudged_ = false;
      line_length_ = lines_read_ == 0 ? 0 : read_ / lines_read_;
    }
    judged = true;
  }
  judge_.on_lines({});
  sink_->writer().lend({});
  if (!unjudged_ && ended_ && source_) {
    disconnect_source();
    judge_.on_source_end(*this, error_);
  }
  return judged;
}

// The next lines will be as long as these: no turn should take so many that other lanes wait long.
std::size_t Lane::most_to_read() const {
  return line_length_ == 0 ? SIZE_MAX : std::max(line_length_ * kLinesATurn, kLeastRead);
}

/// How many lines are judged before something is written.
std::size_t Lane::most_to_judge() {
  const bool are_more = line_length_ != 0 && read_ > line_length_ * kFirstLines;
  return std::exchange(got_all_, false) && are_more ? kFirstLines : SIZE_MAX;
}

Lane::State Lane::next_state() const {
  if (!source_) return State::closed;
  if (must_wait()) return State::draining;
  if (unjudged_ || replies_.writer().replies() >= kHighWater) return State::held;
  return State::reading;
}

void Lane::settle() {
  const State before = std::exchange(state_, next_state());
  if (!watch_ || state_ == before) return;
  watch_->want(state_ == State::reading ? Interest::read : Interest::hangup);
}

}  // namespace stdiogate
