#include "src/io/outlet.h"

#include "src/limits.h"

namespace stdiogate {

Outlet::Outlet(Reactor& reactor, Stream stream)
    : stream_(std::move(stream)), watch_(reactor, stream_.fd(), [this](Ready ready) {
        if (ready.hangup && !ready.writable) stream_ = {};
        flush();
      }) {}

void Outlet::put(std::string_view bytes) {
  while (stream_ && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kStderrRoom);
    if (waiting_.size() + piece.size() <= kStderrRoom) {
      waiting_ += piece;
      flush();
    } else {
      dropped_ += piece.size();
    }
    bytes.remove_prefix(piece.size());
  }
}

void Outlet::flush() {
  while (stream_ && !waiting_.empty()) {
    const IoResult result = stream_.write(waiting_);
    if (result.kind == IoResult::Kind::would_block) break;
    if (result.kind == IoResult::Kind::done) {
      waiting_.erase(0, result.bytes);
    } else {
      stream_ = {};
    }
  }
  settle();
}

void Outlet::settle() {
  if (!stream_) waiting_.clear();
  watch_.want(waiting_.empty() ? Interest::nothing : Interest::write);
}

}  // namespace stdiogate
