#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Numbers as decimal digits, two at a time. Each function returns where they end.
namespace stdiogate {

/// 00 to 99.
constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
  return pairs;
}();

/// 0 to 99, with a zero in front.
inline char* put_pair(char* at, std::uint32_t number) {
  std::memcpy(at, &kPairs[std::size_t{2} * number], 2);
  return at + 2;
}

/// 0 to 999,999, with zeros in front.
inline char* put_six_digits(char* at, std::uint32_t number) {
  at = put_pair(put_pair(at, number / 10'000), number / 100 % 100);
  return put_pair(at, number % 100);
}

/// 0 to 99.
inline char* put_one_or_two(char* at, std::uint32_t number) {
  if (number >= 10) return put_pair(at, number);
  *at = static_cast<char>('0' + number);
  return at + 1;
}

/// As many digits as it has: at most 20.
inline char* put_number(char* at, std::uint64_t number) {
  if (number < 100) return put_one_or_two(at, static_cast<std::uint32_t>(number));
  const auto last = static_cast<std::uint32_t>(number % 10'000);
  at = number < 10'000 ? put_one_or_two(at, last / 100)
                       : put_pair(put_number(at, number / 10'000), last / 100);
  return put_pair(at, last % 100);
}

}  // namespace stdiogate
