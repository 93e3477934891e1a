#include "src/io/sink.h"

#include <utility>

namespace stdiogate {

void Sink::connect(Stream stream) {
  disconnect();
  stream_ = std::move(stream);
  watch_.emplace(reactor_, stream_.fd(), [this](Ready ready) { on_ready(ready); });
  watch_->want(Interest::hangup);
  wants_room_ = false;
}

void Sink::disconnect() {
  watch_.reset();
  stream_ = {};
  writer_.clear();
}

void Sink::on_ready(Ready ready) {
  if (ready.writable) {
    write();
  } else {
    lose(0);
  }
  owner_.on_activity();
}

bool Sink::step() {
  if (!stream_) writer_.clear();
  const bool waits = !writer_.empty();
  if (waits) write();
  want_room(!writer_.empty());
  return waits && writer_.empty();
}

void Sink::want_room(bool wanted) {
  if (wanted == wants_room_ || !watch_) return;
  wants_room_ = wanted;
  watch_->want(wanted ? Interest::write : Interest::hangup);
}

void Sink::write() {
  const std::size_t count = writer_.pieces(pieces_);
  if (count == 0) return;
  const IoResult result = stream_.write({pieces_.data(), count});
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

void Sink::lose(int error) {
  disconnect();
  owner_.on_sink_gone(*this, error);
}

}  // namespace stdiogate
