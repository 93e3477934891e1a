#include "stdiogate/line_writer.h"

#include <cassert>
#include <cstring>

namespace stdiogate {

namespace {

// Grows to twice what is needed, but by no more than this: a giant's size matters more than the
// time of growing, and the kernel moves a large block without copying it.
constexpr std::size_t kMostAhead = 64 * 1024;

}  // namespace

std::size_t edited_size(std::string_view line, std::span<const Edit> edits) {
  std::size_t size = line.size();
  for (const Edit& edit : edits)
    size += edit.replacement.size() - edit.length;
  return size;
}

char* put_edited(char* at, std::string_view line, std::span<const Edit> edits) {
  const auto put = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
  std::size_t from = 0;
  for (const Edit& edit : edits) {
    assert(edit.offset >= from && edit.offset + edit.length <= line.size());
    put(line.substr(from, edit.offset - from));
    put(edit.replacement);
    from = edit.offset + edit.length;
  }
  put(line.substr(from));
  return at;
}

void LineWriter::append(std::string_view line, std::span<const Edit> edits) {
  const std::size_t length = edited_size(line, edits);
  if (capacity() - end_ <= length) make_room(length + 1);
  char* const begin = buffer_.data() + end_;
  char* const newline = put_edited(begin, line, edits);
  if (tap_) tap_({begin, length});
  *newline = '\n';
  end_ += length + 1;
}

void LineWriter::make_room(std::size_t length) {
  // The front goes when it is more than the rest: each byte is moved once at most on average, and a
  // sink that never takes all does not make this grow.
  if (begun_ > unsent().size()) {
    std::memmove(buffer_.data(), unsent().data(), unsent().size());
    end_ -= begun_;
    reply_end_ -= begun_;
    taken_ -= begun_;
    begun_ = 0;
  }
  const std::size_t needed = end_ + length;
  if (needed <= capacity()) return;
  buffer_.resize(needed + std::min(needed, kMostAhead));
}

void LineWriter::note_replies(std::size_t n) {
  replies_ += n;
  reply_end_ = end_;
}

void LineWriter::consume(std::size_t n) {
  assert(n <= size());
  if (n == size()) return clear();
  const auto newline = static_cast<const char*>(::memrchr(bytes().data(), '\n', n));
  if (newline) begun_ = static_cast<std::size_t>(newline + 1 - buffer_.data());
  taken_ += n;
  if (reply_end_ <= taken_) {
    reply_end_ = taken_;
    replies_ = 0;
  }
}

std::string_view LineWriter::take_back() {
  const std::string_view left = bytes();
  const std::size_t begun = begun_ < taken_ ? left.find('\n') + 1 : 0;
  end_ = taken_ + begun;
  reply_end_ = std::min(reply_end_, end_);
  if (reply_end_ <= taken_) replies_ = 0;
  return left.substr(begun);
}

void LineWriter::clear() {
  begun_ = taken_ = reply_end_ = end_ = replies_ = 0;
  if (capacity() > kKept) buffer_.resize(0);
}

}  // namespace stdiogate
