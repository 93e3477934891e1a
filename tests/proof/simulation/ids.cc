#include <array>

#include "tests/proof/simulation/sent.h"

// Ids, and how the same one may be spelled.
namespace stdiogate::simulation {

namespace {

constexpr std::uint64_t kOdd = std::uint64_t{1} << 60;        // keys of what is no whole number
constexpr std::uint64_t kStrings = std::uint64_t{1} << 61;    // keys of strings that hold one
constexpr std::uint64_t kFractions = std::uint64_t{1} << 62;  // of numbers with a fraction
constexpr std::uint64_t kExponents = kFractions + kStrings;   // and with an exponent

struct Known {
  std::uint64_t key;
  std::array<std::string_view, 3> spellings;
};

const std::string kLong = '"' + std::string(1000, '\\') + '"';

const std::array<Known, 16> kIds = {{
    {1, {"1", "1", "1"}},
    {kStrings + 1, {"\"1\"", "\"1\"", "\"\\u0031\""}},
    {kOdd + 1, {"\"a\"", "\"a\"", "\"\\u0061\""}},
    {0, {"0", "0", "0"}},
    {kOdd + 2, {"12345678901234567890", "12345678901234567890", "12345678901234567890"}},
    {kOdd + 3, {"\"\xc3\xa9\"", "\"\\u00e9\"", "\"\\u00E9\""}},
    {kOdd + 4, {"-7", "-7", "-7"}},
    {kOdd + 5, {kLong, kLong, kLong}},
    {kOdd + 6, {"\"listen:0\"", "\"listen:\\u0030\"", "\"listen:0\""}},
    {kOdd + 7, {"1e400", "1e400", "1e400"}},
    {kOdd + 8, {"1.5", "1.5", "1.5"}},
    {kOdd + 9, {"\"\"", "\"\"", "\"\""}},
    {kOdd + 10, {"\"\\ud83d\"", "\"\\uD83D\"", "\"\\ud83d\""}},
    {kOdd + 11, {"\"{},\\\"id\\\":7\"", "\"{},\\\"id\\\":7\"", "\"{},\\\"id\\\":\\u0037\""}},
    {7, {"7", "7", "7"}},
    {kOdd + 12, {"\"a\\\"b\"", "\"a\\u0022b\"", "\"a\\\"b\""}},
}};

}  // namespace

Id some_id(std::uint32_t which, std::uint32_t spelling) {
  which %= 64;
  if (which < kIds.size()) {
    const Known& known = kIds[which];
    const std::string_view text = known.spellings[spelling % 3];
    const std::uint64_t number = known.key < kOdd ? known.key : known.key == kStrings + 1 ? 1 : 0;
    return {.text = std::string(text), .key = known.key, .number = number};
  }
  return wire_id(which + 18, 0);  // 34 to 81: such as wire ids are
}

Id wire_id(std::uint64_t number, std::uint32_t spelling) {
  const std::string text = std::to_string(number);
  switch (spelling % 16) {
    case 1: return {.text = text + ".0", .key = kFractions + number, .number = number};
    case 2: return {.text = text + "0e-1", .key = kExponents + number, .number = number};
    case 3: return {.text = '"' + text + '"', .key = kStrings + number, .number = number};
    default: return {.text = text, .key = number, .number = number};
  }
}

std::optional<std::uint64_t> other_key(const Id& id) {
  if (id.text.find('\\') != std::string::npos) return std::nullopt;
  if (id.key < kOdd) return kStrings + id.key;
  if (id.key >= kStrings && id.key < kFractions) return id.key - kStrings;
  return std::nullopt;
}

}  // namespace stdiogate::simulation
