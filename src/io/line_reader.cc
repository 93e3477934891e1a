#include "stdiogate/line_reader.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace stdiogate {

LineReader::LineReader(std::size_t max_line) : max_line_(max_line) {
  assert(max_line > 0);
}

std::span<char> LineReader::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity() - end_ < kChunk) buffer_.resize(std::max(2 * capacity(), end_ + 2 * kChunk));
  return {buffer_.data() + end_, capacity() - end_};
}

std::optional<Line> LineReader::next() {
  const char* from = buffer_.data() + scanned_;
  const std::size_t rest = end_ - scanned_;
  if (const void* newline = rest > 0 ? std::memchr(from, '\n', rest) : nullptr) {
    const auto at = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data());
    return cut(at, at + 1, true);
  }
  scanned_ = end_;
  const bool has_begun = begin_ < end_;
  if (ended_ && (has_begun || discarding_)) return cut(end_, end_, true);
  if (has_begun && (discarding_ || is_overlong_already())) {
    // A carriage return may be the one before the newline: it waits for the next byte.
    const std::size_t end = end_ - (buffer_.data()[end_ - 1] == '\r' ? 1 : 0);
    if (end > begin_) return cut(end, end, false);
  }
  if (!has_begun) {
    begin_ = scanned_ = end_ = 0;
    if (capacity() > kKept) buffer_.resize(0);
  }
  return std::nullopt;
}

std::string_view LineReader::whole_lines() {
  if (scanned_ == end_) return {};
  const char* begin = buffer_.data() + begin_;
  const void* newline = ::memrchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
  if (!newline) {
    scanned_ = end_;
    return {};
  }
  return {begin, static_cast<std::size_t>(static_cast<const char*>(newline) + 1 - begin)};
}

/// The line or piece from `begin_` to `end`. What follows begins at `next`.
Line LineReader::cut(std::size_t end, std::size_t next, bool ends) {
  if (ends && end > begin_ && buffer_.data()[end - 1] == '\r') --end;
  const std::size_t length = end - begin_;
  const Line line{.bytes = {buffer_.data() + begin_, length},
                  .overlong = discarding_ || length > max_line_,
                  .ends = ends};
  begin_ = scanned_ = next;
  discarding_ = !ends;
  return line;
}

// One byte more than a line may have can still be the carriage return that is not part of it.
bool LineReader::is_overlong_already() const {
  const std::size_t length = end_ - begin_;
  return length > max_line_ + 1 || (length == max_line_ + 1 && buffer_.data()[end_ - 1] != '\r');
}

}  // namespace stdiogate
