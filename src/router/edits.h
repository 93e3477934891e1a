#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "stdiogate/line_writer.h"

#include "src/json/scan.h"

namespace stdiogate {

/// The edits of one line, at most three, in the order of their places.
class Edits {
 public:
  explicit Edits(std::string_view line) : line_(line) {}

  /// Puts `replacement`, which must outlive this, in the place of `part`, a view into the line.
  void add(std::string_view part, std::string_view replacement) {
    assert(count_ < edits_.size());
    std::size_t at = count_++;
    const auto offset = static_cast<std::size_t>(part.data() - line_.data());
    for (; at > 0 && edits_[at - 1].offset > offset; --at)
      edits_[at] = edits_[at - 1];
    edits_[at] = {.offset = offset, .length = part.size(), .replacement = replacement};
  }

  [[nodiscard]] std::span<const Edit> all() const { return {edits_.data(), count_}; }

 private:
  std::string_view line_;
  std::array<Edit, 3> edits_;
  std::size_t count_ = 0;
};

/// Appends the line with the wire id in the place of `id`, a view into the line.
inline void append_renamed(LineWriter& writer, std::string_view line, std::string_view id,
                           std::uint64_t wire_id) {
  char digits[20];
  const char* end = std::to_chars(digits, std::end(digits), wire_id).ptr;
  const Edit edit{static_cast<std::size_t>(id.data() - line.data()), id.size(), {digits, end}};
  writer.append(line, {&edit, 1});
}

/// A whole number as a string, or such a string as a number: some peers write one for the other.
/// Empty if the id has no other form.
inline std::string other_form(std::string_view id) {
  const bool is_string = id.size() > 2 && id[0] == '"';
  const std::string_view inner = is_string ? id.substr(1, id.size() - 2) : id;
  if (!json::is_whole(inner)) return {};
  return is_string ? std::string(inner) : '"' + std::string(inner) + '"';
}

inline bool is_blank(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

/// Whether the JSON text of a member's value is that of an id: a string or a number.
inline bool is_id(std::string_view json) {
  return json::is_string(json) || json::is_number(json);
}

}  // namespace stdiogate
