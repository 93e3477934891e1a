#include "src/json/index.h"

#include <simdjson.h>

#include <new>

namespace stdiogate::json {

struct Index::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;
};

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

Index::Index() : stage_(std::make_unique<Stage>()) {
  constexpr std::size_t kAnyDepth = 1;  // the second stage's
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      kMaxBytes, kAnyDepth, stage_->simd);
  if (error) throw std::bad_alloc();
}

Index::~Index() = default;

bool Index::read(std::string_view lines) {
  lines_ = {};
  offsets_ = {};
  if (lines.empty() || lines.size() > kMaxBytes) return false;
  auto& simd = *stage_->simd;
  if (simd.stage1(reinterpret_cast<const std::uint8_t*>(lines.data()), lines.size(),
                  simdjson::stage1_mode::regular))
    return false;
  // Where there are no more tokens is the last newline.
  std::uint32_t* first = simd.structural_indexes.get();
  first[simd.n_structural_indexes] = static_cast<std::uint32_t>(lines.size() - 1);
  offsets_ = {first, simd.n_structural_indexes + std::size_t{1}};
  next_ = first;
  escapes_ = has_escapes(lines);
  lines_ = lines;
  return true;
}

}  // namespace stdiogate::json
