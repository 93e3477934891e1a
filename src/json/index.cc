#include "src/json/index.h"

#include <new>

namespace stdiogate::json {

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

Index::Index() {
  constexpr std::size_t kAnyDepth = 1;  // the second stage's
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      kMaxBytes, kAnyDepth, simd_);
  if (error) throw std::bad_alloc();
}

/// Reads whole lines from this one on, which is in the rest, as many as fit.
void Index::read_from(std::string_view line) {
  rest_.remove_prefix(static_cast<std::size_t>(line.data() - rest_.data()));
  const char* begin = rest_.data();
  const void* newline = ::memrchr(begin, '\n', std::min(rest_.size(), kMaxBytes));
  const char* end = newline ? static_cast<const char*>(newline) + 1 : begin;
  const auto whole = static_cast<std::size_t>(end - begin);
  (void)read(rest_.substr(0, whole));
  rest_.remove_prefix(std::max(whole, line.size()));
}

bool Index::read(std::string_view lines) {
  lines_ = {};
  offsets_ = {};
  if (lines.empty() || lines.size() > kMaxBytes) return false;
  if (simd_->stage1(reinterpret_cast<const std::uint8_t*>(lines.data()), lines.size(),
                    simdjson::stage1_mode::regular))
    return false;
  // The entry behind the last token is the offset of the last newline.
  std::uint32_t* first = simd_->structural_indexes.get();
  first[simd_->n_structural_indexes] = static_cast<std::uint32_t>(lines.size() - 1);
  offsets_ = {first, simd_->n_structural_indexes + std::size_t{1}};
  next_ = first;
  escapes_ = has_escapes(lines);
  lines_ = lines;
  return true;
}

}  // namespace stdiogate::json
