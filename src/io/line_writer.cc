#include "stdiogate/line_writer.h"

#include <algorithm>
#include <cassert>

namespace stdiogate {

namespace {

// Above this a line is rare and its size matters more than the time of growing: no doubling.
constexpr std::size_t kGiant = 64 * 1024;

}  // namespace

void append_edited(std::string& text, std::string_view line, std::span<const Edit> edits) {
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    assert(edit.offset >= at && edit.offset + edit.length <= line.size());
    text.append(line.data() + at, edit.offset - at).append(edit.replacement);
    at = edit.offset + edit.length;
  }
  text.append(line.data() + at, line.size() - at);
}

void LineWriter::append(std::string_view line, std::span<const Edit> edits) {
  if (line.size() >= kGiant || taken_ > 0) make_room(line, edits);
  const std::size_t before = bytes_.size();
  append_edited(bytes_, line, edits);
  if (tap_) tap_->on_line(std::string_view(bytes_).substr(before));
  bytes_ += '\n';
}

void LineWriter::make_room(std::string_view line, std::span<const Edit> edits) {
  std::size_t length = line.size() + 1;
  for (const Edit& edit : edits)
    length += edit.replacement.size();
  if (bytes_.size() + length <= bytes_.capacity()) return;
  // The front goes when it is more than the rest: each byte is moved once at most on average, and a
  // sink that never takes all does not make this grow.
  if (taken_ > size()) {
    bytes_.erase(0, taken_);
    reply_end_ -= taken_;
    taken_ = 0;
  }
  if (line.size() >= kGiant) bytes_.reserve(bytes_.size() + length);
}

void LineWriter::note_replies(std::size_t n) {
  replies_ += n;
  reply_end_ = bytes_.size();
}

std::size_t LineWriter::replies() const {
  return std::min(replies_, reply_end_ - taken_);
}

void LineWriter::consume(std::size_t n) {
  assert(n <= size());
  taken_ += n;
  if (taken_ == bytes_.size()) return clear();
  if (reply_end_ <= taken_) {
    reply_end_ = taken_;
    replies_ = 0;
  }
}

void LineWriter::clear() {
  bytes_.clear();
  taken_ = reply_end_ = replies_ = 0;
  if (bytes_.capacity() > kKept) std::string().swap(bytes_);
}

}  // namespace stdiogate
