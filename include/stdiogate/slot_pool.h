#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <vector>

namespace stdiogate {

/// The name of something in a SlotPool. It dies with what it names: the place may be taken again,
/// but under another generation. A default-made handle names nothing and never will.
struct Handle {
  std::uint32_t index = 0;
  std::uint64_t generation = 0;  // 0: names nothing

  bool operator==(const Handle&) const = default;
};

/// A fixed number of places for T, each handed out under a name that is never used twice.
///
///     places_      [ T gen 3 ][ T gen 1 ][ T gen 7 ] ...      capacity of them, made once
///     free_        a ring of the indices that are free: taken at the head, given back at the tail
///
/// Whatever outlives a turn of the loop holds a Handle and asks `get`; a stale name finds null, so
/// a late event or answer finds nobody instead of the wrong one. No call but the constructor
/// allocates.
///
/// T is made once per place and stays: `acquire` hands it out as `release` left it, so that strings
/// inside keep their memory. Whoever acquires sets every member.
template <class T>
class SlotPool {
 public:
  /// A pool of `capacity` places, at least 1.
  explicit SlotPool(std::uint32_t capacity)
      : places_(capacity),
        free_(capacity),
        index_bits_(static_cast<unsigned>(std::bit_width(capacity))) {
    assert(capacity > 0);
    for (std::uint32_t i = 0; i < capacity; ++i)
      free_[i] = i;
  }

  [[nodiscard]] std::uint32_t capacity() const {
    return static_cast<std::uint32_t>(places_.size());
  }
  [[nodiscard]] std::uint32_t size() const { return used_; }
  [[nodiscard]] bool full() const { return used_ == capacity(); }

  /// Takes the place that has been free the longest. Returns the null handle when all are taken.
  Handle acquire() {
    if (full()) return {};
    const std::uint32_t index = free_[head_];
    head_ = head_ + 1 == capacity() ? 0 : head_ + 1;
    ++used_;
    Place& place = places_[index];
    place.name = name(generation(place) + 1, true);
    return {index, generation(place)};
  }

  /// What the handle names, or null if it names nothing (any more). The pointer is good until the
  /// next turn of the loop at most: keep the handle, not the pointer.
  [[nodiscard]] T* get(Handle handle) {
    return names(handle) ? &places_[handle.index].value : nullptr;
  }
  [[nodiscard]] const T* get(Handle handle) const {
    return names(handle) ? &places_[handle.index].value : nullptr;
  }

  /// Gives the place back; its name is dead from here on. A stale handle does nothing.
  /// Returns whether something was released.
  bool release(Handle handle) {
    if (!names(handle)) return false;
    places_[handle.index].name = name(handle.generation, false);
    const std::uint32_t tail = head_ + (capacity() - used_);
    free_[tail < capacity() ? tail : tail - capacity()] = handle.index;
    --used_;
    return true;
  }

  /// The handle as one number: positive, and never the same for two handles of one pool.
  [[nodiscard]] std::uint64_t number(Handle handle) const {
    return handle.generation << index_bits_ | handle.index;
  }

  /// The handle that has this number. Any number will do; one that was never given out makes a
  /// handle that names nothing.
  [[nodiscard]] Handle handle(std::uint64_t number) const {
    return {static_cast<std::uint32_t>(number & ((std::uint64_t{1} << index_bits_) - 1)),
            number >> index_bits_};
  }

  /// Whether this handle was ever handed out, taken or not now.
  [[nodiscard]] bool was_given(Handle handle) const {
    return handle.index < capacity() && handle.generation > 0 &&
           handle.generation <= generation(places_[handle.index]);
  }

  /// The handle of whatever is at `index` now, or the null handle if that place is free.
  [[nodiscard]] Handle at(std::uint32_t index) const {
    const Place& place = places_[index];
    return is_taken(place) ? Handle{index, generation(place)} : Handle{};
  }

 private:
  struct Place {
    std::uint64_t name = 0;  // generation of the last handle given out, and whether it is taken
    T value{};
  };

  // One word, written and compared at once.
  [[nodiscard]] static std::uint64_t name(std::uint64_t generation, bool taken) {
    return generation << 1 | static_cast<std::uint64_t>(taken);
  }
  [[nodiscard]] static std::uint64_t generation(const Place& place) { return place.name >> 1; }
  [[nodiscard]] static bool is_taken(const Place& place) { return (place.name & 1) != 0; }

  [[nodiscard]] bool names(Handle handle) const {
    return handle.index < capacity() && places_[handle.index].name == name(handle.generation, true);
  }

  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  unsigned index_bits_;     // the low bits of a number that hold the index; at least one
  std::uint32_t head_ = 0;  // in free_
  std::uint32_t used_ = 0;
};

}  // namespace stdiogate
