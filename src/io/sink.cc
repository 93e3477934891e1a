#include "src/io/sink.h"

#include <algorithm>
#include <utility>

#include "src/limits.h"

namespace stdiogate {

void Sink::connect(Stream stream) {
  disconnect();
  stream_ = std::move(stream);
  watch_.emplace(reactor_, stream_.fd(), [this](Ready ready) { on_ready(ready); });
  watch_->want(Interest::hangup);
}

void Sink::disconnect() {
  close();
  writer_.clear();
}

void Sink::close() {
  watch_.reset();
  stream_ = {};
  is_full_ = false;
  stalled_ += stalled_now();
  full_since_.reset();
}

void Sink::on_ready(Ready ready) {
  if (!ready.writable) return lose(0);
  is_full_ = false;  // the end of the turn writes
}

void Sink::flush() {
  if (!stream_) return drop();
  if (wants_flush()) write();
  if (stream_) set_full(!writer_.empty());
}

void Sink::write() {
  const IoResult result = stream_.write(writer_.bytes());
  if (result.kind == IoResult::Kind::would_block) return;
  if (result.kind != IoResult::Kind::done) return lose(result.error);
  bytes_written_ += result.bytes;
  stalled_ += stalled_now();
  full_since_.reset();
  writer_.consume(result.bytes);
}

/// Asking for what is wanted already costs nothing.
void Sink::set_full(bool full) {
  is_full_ = full;
  if (!full_since_ || !full) full_since_ = full ? std::optional(reactor_.now()) : std::nullopt;
  watch_->want(full ? Interest::write : Interest::hangup);
}

Duration Sink::stalled_now() const {
  if (!full_since_) return Duration::zero();
  return std::max(reactor_.now() - *full_since_ - kPause, Duration::zero());
}

void Sink::lose(int error) {
  close();
  owner_.on_sink_gone(error);
  drop();
}

void Sink::drop() {
  if (!writer_.empty()) owner_.on_unsent(writer_.unsent());
  writer_.clear();
}

}  // namespace stdiogate
