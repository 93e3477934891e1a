#include "src/requests/held_lines.h"

#include <algorithm>

namespace stdiogate {

bool HeldLines::push(std::string_view line, std::uint64_t after) {
  if (bytes_ + line.size() > max_bytes_) return false;
  lines_.push_back({.after = after, .line = std::string(line)});
  bytes_ += line.size();
  return true;
}

void HeldLines::insert(std::string_view line, std::uint64_t after) {
  if (std::ranges::find(lines_, line, &Held::line) != lines_.end()) return;
  const auto at = std::ranges::lower_bound(lines_, after, {}, &Held::after);
  lines_.insert(at, {.after = after, .line = std::string(line)});
  bytes_ += line.size();
}

void HeldLines::send_before(std::uint64_t request, LineWriter& writer) {
  for (; !lines_.empty() && lines_.front().after < request; lines_.pop_front()) {
    writer.append(lines_.front().line);
    bytes_ -= lines_.front().line.size();
  }
}

void HeldLines::clear() {
  lines_.clear();
  bytes_ = 0;
}

}  // namespace stdiogate
