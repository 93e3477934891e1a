#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace stdiogate {

/// The memory of a LineReader or LineWriter. It grows by realloc, not as a vector does: a large
/// block is moved by the kernel, so that a growing giant is never in memory twice, and what is not
/// filled is not touched.
class LineBuffer {
 public:
  /// Good until the next `resize`; null while there is none.
  [[nodiscard]] char* data() { return data_.get(); }
  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// Keeps what fits. 0 gives all of it back. Throws std::bad_alloc.
  void resize(std::size_t capacity) {
    if (capacity == 0) {
      data_.reset();
    } else {
      void* grown = std::realloc(data_.get(), capacity);
      if (!grown) throw std::bad_alloc();
      (void)data_.release();
      data_.reset(static_cast<char*>(grown));
    }
    capacity_ = capacity;
  }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  std::unique_ptr<char, Free> data_;
  std::size_t capacity_ = 0;
};

}  // namespace stdiogate
