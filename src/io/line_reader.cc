#include "stdiogate/line_reader.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

namespace stdiogate {

LineReader::LineReader(std::size_t max_line) : max_line_(max_line) {
  assert(max_line > 0);
}

std::span<char> LineReader::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < kChunk) resize(std::max(2 * capacity_, end_ + 2 * kChunk));
  return {buffer_.get() + end_, capacity_ - end_};
}

// realloc, not a vector: a large block is moved by the kernel, so that a growing giant is never in
// memory twice, and what is not filled is not touched.
void LineReader::resize(std::size_t capacity) {
  if (capacity == 0) {
    buffer_.reset();
  } else {
    void* grown = std::realloc(buffer_.get(), capacity);
    if (!grown) throw std::bad_alloc();
    (void)buffer_.release();
    buffer_.reset(static_cast<char*>(grown));
  }
  capacity_ = capacity;
}

void LineReader::commit(std::size_t n) {
  assert(n <= capacity_ - end_);
  end_ += n;
}

void LineReader::end() {
  ended_ = true;
}

std::optional<Line> LineReader::next() {
  while (scanned_ < end_) {
    const char* from = buffer_.get() + scanned_;
    const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - scanned_));
    if (!newline) {
      scanned_ = end_;
      break;
    }
    const auto at = static_cast<std::size_t>(newline - buffer_.get());
    const bool discarded = std::exchange(discarding_, false);
    const bool carriage_return = at > begin_ && newline[-1] == '\r';
    const std::size_t begin = begin_;
    begin_ = scanned_ = at + 1;
    if (!discarded) return cut(begin, at - (carriage_return ? 1 : 0));
  }
  if (discarding_) {
    begin_ = end_;
  } else if (begin_ < end_ && (ended_ || is_overlong_already())) {
    const std::size_t begin = std::exchange(begin_, end_);
    discarding_ = !ended_;
    return cut(begin, end_);
  }
  if (begin_ == end_) {
    begin_ = scanned_ = end_ = 0;
    if (capacity_ > kKept) resize(0);
  }
  return std::nullopt;
}

std::string_view LineReader::whole_lines() const {
  if (scanned_ == end_) return {};
  const char* begin = buffer_.get() + begin_;
  const void* newline = ::memrchr(buffer_.get() + scanned_, '\n', end_ - scanned_);
  if (!newline) return {};
  return {begin, static_cast<std::size_t>(static_cast<const char*>(newline) + 1 - begin)};
}

Line LineReader::cut(std::size_t begin, std::size_t end) const {
  const std::size_t length = end - begin;
  return {.bytes = {buffer_.get() + begin, std::min(length, max_line_)},
          .overlong = length > max_line_};
}

// One byte more than a line may have can still be the carriage return that is not part of it.
bool LineReader::is_overlong_already() const {
  const std::size_t length = end_ - begin_;
  return length > max_line_ + 1 || (length == max_line_ + 1 && buffer_.get()[end_ - 1] != '\r');
}

}  // namespace stdiogate
