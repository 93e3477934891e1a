#include "src/io/lane.h"

#include <algorithm>
#include <utility>

#include "src/limits.h"

namespace stdiogate {

Lane::Lane(Reactor& reactor, Owner& owner, std::size_t max_line)
    : reactor_(reactor), owner_(owner), reader_(max_line) {}

void Lane::connect_source(Stream source) {
  source_ = std::move(source);
  watch_.emplace(reactor_, source_.fd(), [this](Ready ready) { on_source_ready(ready); });
  mark_unread();
  end_of_turn();
}

void Lane::disconnect_source() {
  watch_.reset();
  source_ = {};
  reading_ = false;
}

void Lane::end_when_dry() {
  if (!source_ || left_) return;
  left_ = source_.bytes_to_read();
  reactor_.again();
}

void Lane::on_source_ready(Ready ready) {
  if (reading_) return read();
  if (!ready.hangup) return;
  hung_up_ = true;
  owner_.on_source_hangup();
}

void Lane::read() {
  const std::span<char> room = reader_.room();
  const std::size_t most = std::min(room.size(), most_to_read());
  const IoResult result =
      most == 0 ? IoResult{.kind = IoResult::Kind::end} : source_.read(room.first(most));
  if (result.kind == IoResult::Kind::would_block && !left_) return;
  if (result.kind == IoResult::Kind::done) {
    reader_.commit(result.bytes);
    grown_ += result.bytes;
    if (left_) *left_ -= result.bytes;
  } else {
    reader_.end();
    ended_ = true;
    error_ = result.error;
  }
  hand_over();
}

std::size_t Lane::most_to_read() const {
  const bool takes_all = reader_.is_in_line() || source_.has_packets();
  const std::size_t most = takes_all ? SIZE_MAX : kMaxRead;
  return left_ ? std::min(most, *left_) : most;
}

void Lane::mark_unread() {
  unread_ = source_.bytes_to_read() + reader_.size();
  grown_ = 0;
  moved_ = reactor_.now();
}

bool Lane::has_unread(bool is_held) const {
  if (!source_ || unread_ == 0) return false;
  return reading_ ? reactor_.now() < moved_ + kNoReader : is_held;
}

void Lane::hand_over() {
  const std::size_t held = reader_.size();
  has_lines_ = !owner_.on_lines(reader_);
  const std::size_t taken = held - reader_.size();
  unread_ -= std::min(unread_, taken);
  if (taken > 0 || grown_ >= kGrowth) {
    grown_ = 0;
    moved_ = reactor_.now();
  }
  if (has_lines_ || !ended_ || !source_) return;
  disconnect_source();
  owner_.on_source_end(error_);
}

void Lane::end_of_turn() {
  const bool may_read = owner_.may_read();
  if (may_read && has_lines_) {
    hand_over();
    reactor_.again();
  } else if (may_read && reading_ && left_) {
    read();
    reactor_.again();
  }
  if (!source_) return;
  reading_ = may_read && !has_lines_;
  // A hangup that is known would be reported again and again.
  watch_->want(reading_ ? Interest::read : hung_up_ ? Interest::nothing : Interest::hangup);
}

}  // namespace stdiogate
