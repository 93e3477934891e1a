#include "src/io/outlet.h"

#include <algorithm>
#include <utility>

#include "src/limits.h"

namespace stdiogate {

Outlet::Outlet(Reactor& reactor, Stream stream)
    : reactor_(reactor),
      stream_(std::move(stream)),
      watch_(reactor, stream_.fd(), [this](Ready ready) { on_ready(ready); }),
      no_reader_(reactor, [this] { on_no_reader(); }) {}

void Outlet::share(LineWriter& writer) {
  shared_ = &writer;
  queue_.insert(0, std::exchange(head_, {}));
  no_reader_.clear();
  watch_.want(Interest::nothing);
  share_lines();
}

void Outlet::put(std::string_view bytes) {
  if (!stream_) return;
  queue_ += bytes;
  if (shared_) return share_lines();
  flush();
  const std::size_t most = is_read_ ? kStderrRoom + kStderrSlack : 2 * kStderrKept;
  if (queue_.size() > most) keep_newest();
}

void Outlet::put_line(std::string_view line) {
  const bool in_line = queue_.empty() ? in_line_ && head_.empty() : queue_.back() != '\n';
  if (!shared_) return put(in_line ? "\n" + std::string(line) : line);
  if (shared_->size() < kStderrRoom) {
    shared_->append_other(line.substr(0, line.size() - 1));
  } else {
    dropped_ += line.size();
  }
}

void Outlet::end_line() {
  if (shared_ && !queue_.empty()) shared_->append_other(std::exchange(queue_, {}));
}

bool Outlet::has_room() const {
  if (shared_) return shared_->size() < kStderrRoom;
  return !stream_ || !is_read_ || queue_.size() < kStderrRoom;
}

void Outlet::share_lines() {
  std::size_t at = 0;
  for (std::size_t end = 0; (end = queue_.find('\n', at)) != std::string::npos; at = end + 1)
    shared_->append_other(std::string_view(queue_).substr(at, end - at));
  queue_.erase(0, at);
  if (queue_.size() > kStderrRoom) end_line();
}

void Outlet::on_ready(Ready ready) {
  if (ready.hangup && !ready.writable) stream_ = {};
  is_full_ = false;
  flush();
}

/// Nothing was taken for a while, or a write failed and is now tried again. A full stream is not
/// tried: a pipe that nobody reads may still take a few bytes, and that would look like a reader.
void Outlet::on_no_reader() {
  is_read_ = false;
  keep_newest();
  if (!std::exchange(has_failed_, false)) return settle();
  is_full_ = false;
  flush();
}

void Outlet::flush() {
  while (stream_ && !is_full_ && !empty()) {
    if (!write(head_.empty() ? queue_ : head_)) is_full_ = true;
  }
  settle();
}

/// Returns whether some of it was taken.
bool Outlet::write(std::string& bytes) {
  const IoResult result = stream_.write(bytes);
  if (result.kind == IoResult::Kind::end) stream_ = {};
  if (result.kind == IoResult::Kind::failed) has_failed_ = true;  // a full disk, perhaps
  if (result.kind != IoResult::Kind::done) return false;
  in_line_ = bytes[result.bytes - 1] != '\n';
  bytes.erase(0, result.bytes);
  rest_.erase(0, result.bytes);
  if (head_.empty()) lines_ = 0;
  is_read_ = true;
  no_reader_.clear();
  return true;
}

void Outlet::settle() {
  if (!stream_) {
    head_.clear();
    queue_.clear();
  }
  watch_.want(empty() || !stream_ || has_failed_ ? Interest::nothing : Interest::write);
  if (empty() || (!is_read_ && !has_failed_)) return no_reader_.clear();
  if (!no_reader_.is_set()) no_reader_.set(reactor_.now() + kNoReader);
}

/// Keeps the rest of a partly written line: it goes out before the line that counts the lost ones.
/// If the partly written line is that one, or the rest is too long, only its newline is kept.
void Outlet::keep_rest() {
  const std::size_t newline = head_.empty() ? queue_.find('\n') : std::string::npos;
  rest_ = newline < kStderrKept ? queue_.substr(0, newline + 1) : "\n";
  if (newline < kStderrKept) queue_.erase(0, newline + 1);
}

/// Drops the oldest lines.
void Outlet::keep_newest() {
  if (queue_.size() <= kStderrKept) return;
  if (in_line_ && rest_.empty()) keep_rest();
  const std::size_t kept = std::min(queue_.size(), kStderrKept + 1);
  const std::size_t newline = queue_.find('\n', queue_.size() - kept);
  const std::size_t end = newline == std::string::npos ? queue_.size() : newline + 1;
  const auto dropped = queue_.begin() + static_cast<std::ptrdiff_t>(end);
  lines_ += static_cast<std::uint64_t>(std::count(queue_.begin(), dropped, '\n'));
  lines_ += newline == std::string::npos;  // the line that goes on is cut: that counts as one
  dropped_ += end;
  queue_.erase(0, end);
  head_ = rest_;
  if (drop_line_) head_ += drop_line_(lines_);
}

}  // namespace stdiogate
