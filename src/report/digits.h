#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Numbers as decimal digits, two at a time. Each function returns where the digits end.
namespace stdiogate {

/// 00 to 99.
constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
  return pairs;
}();

/// As many digits as are asked for, with zeros in front.
inline char* put_digits(char* at, std::uint64_t number, std::size_t digits) {
  char* const end = at + digits;
  for (at = end; digits > 1; digits -= 2, number /= 100)
    std::memcpy(at -= 2, &kPairs[2 * (number % 100)], 2);
  if (digits == 1) *(at - 1) = static_cast<char>('0' + number % 10);
  return end;
}

/// As many digits as it has: at most 20.
inline char* put_number(char* at, std::uint64_t number) {
  if (number < 10) return put_digits(at, number, 1);
  if (number < 100) return put_digits(at, number, 2);
  if (number < 1000) return put_digits(at, number, 3);
  return put_digits(put_number(at, number / 1000), number % 1000, 3);
}

}  // namespace stdiogate
