#include "sink.h"

#include <array>
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
  if (writer_.empty()) {
    if (watch_) watch_->want(Interest::hangup);
    return false;
  }
  write();
  if (watch_) watch_->want(writer_.empty() ? Interest::hangup : Interest::write);
  return writer_.empty();
}

void Sink::write() {
  std::array<std::string_view, Stream::kMaxPieces> pieces;
  const std::size_t count = writer_.pieces(pieces);
  if (count == 0) return;
  const IoResult result = stream_.write({pieces.data(), count});
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
