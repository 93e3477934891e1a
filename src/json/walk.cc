#include "src/json/walk.h"

namespace stdiogate::json {

Elements::Elements(std::string_view array)
    : at_(array.data() + array.find('[') + 1), end_(array.data() + array.size()) {}

std::string_view Elements::next() {
  while (is_space(*at_) || *at_ == ',')
    ++at_;
  if (*at_ == ']') return {};
  const char* begin = at_;
  at_ = value_end(at_, end_);
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

std::size_t Elements::count() const {
  std::size_t count = 0;
  for (Elements rest = *this; !rest.next().empty();)
    ++count;
  return count;
}

}  // namespace stdiogate::json
