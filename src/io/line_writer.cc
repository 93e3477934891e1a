#include "stdiogate/line_writer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <functional>
#include <utility>

namespace stdiogate {

namespace {

/// Copies what is mostly a few bytes: an id, or what stands before it. Returns where they end.
inline char* copy_short(const char* from, const char* end, char* to) {
  const auto n = static_cast<std::size_t>(end - from);
  if (n > 32) return std::copy(from, end, to);
  // Two pieces of a length known now, which together cover it.
  const auto both_ends = [&](auto piece) {
    constexpr std::size_t kSize = sizeof piece;
    std::memcpy(&piece, from, kSize);
    std::memcpy(to, &piece, kSize);
    std::memcpy(&piece, end - kSize, kSize);
    std::memcpy(to + n - kSize, &piece, kSize);
  };
  if (n >= 16) {
    both_ends(std::array<char, 16>{});
  } else if (n >= 8) {
    both_ends(std::uint64_t{});
  } else if (n >= 4) {
    both_ends(std::uint32_t{});
  } else {
    std::copy(from, end, to);
  }
  return to + n;
}

}  // namespace

void append_edited(std::string& text, std::string_view line, std::span<const Edit> edits) {
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    text.append(line.substr(at, edit.offset - at)).append(edit.replacement);
    at = edit.offset + edit.length;
  }
  text.append(line.substr(at));
}

void LineWriter::Block::grow(std::size_t n) {
  const std::size_t capacity = std::max(2 * capacity_, size_ + n);
  std::unique_ptr<char[]> grown(new char[capacity]);
  std::copy_n(bytes_.get(), size_, grown.get());
  bytes_ = std::move(grown);
  capacity_ = capacity;
}

inline char* LineWriter::Block::add(std::size_t n) {
  if (n > capacity_ - size_) grow(n);
  size_ += n;
  return bytes_.get() + size_ - n;
}

inline char* LineWriter::room_for_copy(std::size_t n) {
  size_ += n;
  if (first_ < pieces_.size() && !pieces_.back().lent) {
    pieces_.back().length += n;
  } else {
    pieces_.push_back({.lent = nullptr, .length = n});
  }
  return copied_.add(n);
}

void LineWriter::append(std::string_view line, std::span<const Edit> edits) {
  if (line.size() >= kReferred && is_lent(line)) return append_lent(line, edits);
  // As most lines go: room is made once.
  std::size_t length = line.size() + 1;
  for (const Edit& edit : edits)
    length += edit.replacement.size() - edit.length;
  char* to = room_for_copy(length);
  const char* from = line.data();
  for (const Edit& edit : edits) {
    assert(edit.offset + edit.length <= line.size());
    to = copy_short(from, line.data() + edit.offset, to);
    to = copy_short(edit.replacement.data(), edit.replacement.data() + edit.replacement.size(), to);
    from = line.data() + edit.offset + edit.length;
  }
  to = std::copy(from, line.data() + line.size(), to);
  *to = '\n';
}

void LineWriter::append_lent(std::string_view line, std::span<const Edit> edits) {
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    assert(edit.offset >= at && edit.offset + edit.length <= line.size());
    add(line.substr(at, edit.offset - at));
    add_copy(edit.replacement);
    at = edit.offset + edit.length;
  }
  add(line.substr(at));
  add_copy("\n");
}

void LineWriter::add(std::string_view bytes) {
  if (bytes.size() < kReferred) return add_copy(bytes);
  pieces_.push_back({.lent = bytes.data(), .length = bytes.size()});
  size_ += bytes.size();
}

void LineWriter::add_copy(std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(room_for_copy(bytes.size()), bytes.data(), bytes.size());
}

void LineWriter::Block::erase_front(std::size_t n) {
  std::memmove(bytes_.get(), bytes_.get() + n, size_ - n);
  size_ -= n;
}

void LineWriter::Block::clear(std::size_t kept) {
  size_ = 0;
  if (capacity_ <= kept) return;
  bytes_.reset();
  capacity_ = 0;
}

bool LineWriter::is_lent(std::string_view bytes) const {
  return bytes.data() >= lent_.data() && bytes.data() + bytes.size() <= lent_.data() + lent_.size();
}

bool LineWriter::refers_to(std::string_view memory) const {
  const auto refers = [memory](const Piece& piece) {
    return piece.lent && std::less_equal<>()(memory.data(), piece.lent) &&
           std::less<>()(piece.lent, memory.data() + memory.size());
  };
  return std::any_of(pieces_.begin() + static_cast<std::ptrdiff_t>(first_), pieces_.end(), refers);
}

void LineWriter::append_own(std::string line) {
  if (line.size() < kReferred) return append(line);
  line += '\n';
  owned_.push_back(std::move(line));
  add(owned_.back());
}

void LineWriter::keep(std::string_view memory) {
  if (!refers_to(memory)) return;
  // Rare: all that waits becomes one block, other lent bytes too.
  Block all;
  char* to = all.add(size_);
  std::size_t copied = copied_taken_;
  for (std::size_t i = first_; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    to = std::copy_n(piece.lent ? piece.lent : copied_.data() + copied, piece.length, to);
    if (!piece.lent) copied += piece.length;
  }
  copied_ = std::move(all);
  copied_taken_ = first_ = 0;
  pieces_.assign(1, {.lent = nullptr, .length = size_});
  owned_.clear();
}

void LineWriter::note_replies(std::size_t bytes) {
  replies_ += bytes;
  reply_end_ = size_;
}

std::size_t LineWriter::replies() const {
  return std::min(replies_, reply_end_);
}

std::size_t LineWriter::pieces(std::span<std::string_view> into) const {
  const std::size_t count = std::min(into.size(), pieces_.size() - first_);
  std::size_t copied = copied_taken_;
  for (std::size_t i = 0; i < count; ++i) {
    const Piece& piece = pieces_[first_ + i];
    into[i] = {piece.lent ? piece.lent : copied_.data() + copied, piece.length};
    if (!piece.lent) copied += piece.length;
  }
  return count;
}

void LineWriter::consume(std::size_t n) {
  assert(n <= size_);
  size_ -= n;
  if (size_ == 0) return clear();
  reply_end_ -= std::min(n, reply_end_);
  if (reply_end_ == 0) replies_ = 0;
  while (n > 0) {
    Piece& piece = pieces_[first_];
    const std::size_t taken = std::min(n, piece.length);
    if (piece.lent) {
      piece.lent += taken;
    } else {
      copied_taken_ += taken;
    }
    piece.length -= taken;
    if (piece.length == 0) ++first_;
    n -= taken;
  }
  // A sink that never quite empties the writer must not make it grow: the front goes when it is
  // more than the rest, so that each byte is moved once at most on average.
  if (copied_taken_ > kReferred && copied_taken_ > copied_.size() / 2) {
    copied_.erase_front(copied_taken_);
    copied_taken_ = 0;
  }
  if (first_ > pieces_.size() / 2) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void LineWriter::clear() {
  copied_.clear(kKept);
  pieces_.clear();
  owned_.clear();
  copied_taken_ = first_ = size_ = 0;
  replies_ = reply_end_ = 0;
}

}  // namespace stdiogate
