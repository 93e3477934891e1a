#include "src/io/sink.h"

#include <utility>

namespace stdiogate {

void Sink::connect(Stream stream) {
  disconnect();
  stream_ = std::move(stream);
  watch_.emplace(reactor_, stream_.fd(), [this](Ready ready) { on_ready(ready); });
  watch_->want(Interest::hangup);
}

void Sink::disconnect() {
  watch_.reset();
  stream_ = {};
  writer_.clear();
  is_full_ = false;
}

void Sink::on_ready(Ready ready) {
  if (!ready.writable) return lose(0);
  is_full_ = false;  // the end of the turn writes
}

void Sink::flush() {
  if (!stream_) return writer_.clear();
  if (wants_flush()) write();
  if (stream_) set_full(!writer_.empty());
}

void Sink::write() {
  const IoResult result = stream_.write(writer_.bytes());
  switch (result.kind) {
    case IoResult::Kind::done:
      bytes_written_ += result.bytes;
      writer_.consume(result.bytes);
      break;
    case IoResult::Kind::would_block: break;
    case IoResult::Kind::end: lose(0); break;
    case IoResult::Kind::failed: lose(result.error); break;
  }
}

/// Asking for what is wanted already costs nothing.
void Sink::set_full(bool full) {
  is_full_ = full;
  watch_->want(full ? Interest::write : Interest::hangup);
}

void Sink::lose(int error) {
  disconnect();
  owner_.on_sink_gone(*this, error);
}

}  // namespace stdiogate
