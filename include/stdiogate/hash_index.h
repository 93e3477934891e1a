#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace stdiogate {

/// Finds which of the things 0 to capacity-1 have a given hash, the one added last first. Adding
/// and removing is O(1), even when all have the same hash. Whether a thing with the right hash is
/// the right thing is the caller's to check.
class HashIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit HashIndex(std::uint32_t capacity)
      : entries_(capacity), buckets_(std::bit_ceil(capacity), kNone) {}

  /// `index` is not in the index yet.
  void add(std::uint32_t index, std::uint32_t hash) {
    std::uint32_t& first = buckets_[bucket(hash)];
    entries_[index] = {.hash = hash, .previous = kNone, .next = first};
    if (first != kNone) entries_[first].previous = index;
    first = index;
  }

  /// `index` is in the index.
  void remove(std::uint32_t index) {
    const Entry& entry = entries_[index];
    if (entry.next != kNone) entries_[entry.next].previous = entry.previous;
    (entry.previous == kNone ? buckets_[bucket(entry.hash)] : entries_[entry.previous].next) =
        entry.next;
  }

  /// The last added with this hash, or kNone.
  [[nodiscard]] std::uint32_t first(std::uint32_t hash) const {
    return skip(buckets_[bucket(hash)], hash);
  }

  /// The one added before `index` with the same hash, or kNone.
  [[nodiscard]] std::uint32_t after(std::uint32_t index) const {
    return skip(entries_[index].next, entries_[index].hash);
  }

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
  };

  [[nodiscard]] std::size_t bucket(std::uint32_t hash) const {
    return hash & (buckets_.size() - 1);
  }
  [[nodiscard]] std::uint32_t skip(std::uint32_t index, std::uint32_t hash) const {
    while (index != kNone && entries_[index].hash != hash)
      index = entries_[index].next;
    return index;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> buckets_;
};

}  // namespace stdiogate
