#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stdiogate {

/// One place in a line and what stands there instead. The bytes around it stay as they are.
struct Edit {
  std::size_t offset = 0;  // in the line
  std::size_t length = 0;
  std::string_view replacement;
};

/// Appends the line with the edits made to a text. `edits` are in the order of their offsets and do
/// not overlap.
void append_edited(std::string& text, std::string_view line, std::span<const Edit> edits);

/// Lines on their way to one sink, in order, until it has taken them.
///
///     pieces_    [ copied 812 ][ lent 1048000 ][ copied 37 ] ...
///                       |             |
///     copied_    [......812......37..]|           small lines and edits: one block, written at
///     once lent memory            [ a giant line where the reader has it ]
///
/// A small line is copied, so that a hundred of them are one write. A large one is only referred
/// to: whoever owns the bytes lends them for as long as they are in here.
class LineWriter {
 public:
  /// Bytes that will stay where they are until the writer is empty again: pieces of them of at
  /// least kReferred bytes are not copied. Empty: nothing is lent from here on.
  void lend(std::string_view memory) { lent_ = memory; }

  /// The bytes of `memory`, which were lent once, will not stay: what is left of them is copied.
  void keep(std::string_view memory);

  /// Whether something of `memory` waits here.
  [[nodiscard]] bool refers_to(std::string_view memory) const;

  /// Appends the line and a newline; takes its memory over if it is large.
  void append_own(std::string line);

  /// Appends the line with the edits made, and a newline. `edits` are in the order of their offsets
  /// and do not overlap. Throws std::bad_alloc.
  void append(std::string_view line, std::span<const Edit> edits = {});

  /// `bytes` of what was appended last are replies: lines the gate has made because of something it
  /// was sent.
  void note_replies(std::size_t bytes);

  /// How many bytes of replies may still wait. Who goes on sending what causes them without reading
  /// them must not make this grow for ever.
  [[nodiscard]] std::size_t replies() const;

  /// Bytes not yet taken by the sink.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// The first of the bytes that wait, in order, as up to `into.size()` pieces. Returns how many.
  /// Good until the next call that is not const.
  [[nodiscard]] std::size_t pieces(std::span<std::string_view> into) const;

  /// The sink has taken the first `n` bytes; n <= size().
  void consume(std::size_t n);

  /// Forgets all that waits.
  void clear();

  /// Bytes allocated for copies.
  [[nodiscard]] std::size_t capacity() const { return copied_.capacity(); }

  /// From this size on a piece of lent memory is referred to. Below, a copy costs less than a
  /// further piece of a writev.
  static constexpr std::size_t kReferred = 4 * 1024;

  /// The largest block for copies that is kept when it is empty.
  static constexpr std::size_t kKept = 2 * 1024 * 1024;

 private:
  struct Piece {
    const char* lent;    // null: the bytes are the next `length` of copied_
    std::size_t length;  // never 0
  };

  /// A block of bytes that grows; unlike a string's, what is added is not cleared first.
  class Block {
   public:
    [[nodiscard]] const char* data() const { return bytes_.get(); }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    /// Room for `n` more bytes, all of which are to be filled.
    char* add(std::size_t n);
    void erase_front(std::size_t n);
    /// Gives its memory back if it is more than `kept`.
    void clear(std::size_t kept);

   private:
    void grow(std::size_t n);

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
  };

  void append_lent(std::string_view line, std::span<const Edit> edits);
  void add(std::string_view bytes);
  void add_copy(std::string_view bytes);
  char* room_for_copy(std::size_t n);
  [[nodiscard]] bool is_lent(std::string_view bytes) const;

  std::string_view lent_;
  Block copied_;
  std::size_t copied_taken_ = 0;  // of copied_, from its front
  std::vector<Piece> pieces_;
  std::vector<std::string> owned_;  // lines that were taken over
  std::size_t first_ = 0;           // in pieces_
  std::size_t size_ = 0;
  std::size_t replies_ = 0;    // since the writer was last free of them
  std::size_t reply_end_ = 0;  // of the last reply: so many bytes of all come before its end
};

}  // namespace stdiogate
