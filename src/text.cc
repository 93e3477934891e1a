#include "src/text.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <iterator>
#include <limits>
#include <system_error>

namespace stdiogate {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr double kShortest = 1000;  // nanoseconds; less is surely a mistake for none

struct DurationUnit {
  std::string_view name;
  Duration length;
};

constexpr DurationUnit kDurationUnits[] = {
    {"h", std::chrono::hours(1)},
    {"m", std::chrono::minutes(1)},
    {"s", std::chrono::seconds(1)},
    {"ms", milliseconds(1)},
};

constexpr std::string_view kSizeUnits = "BKMG";  // each 1024 of the one before; B is not written

/// A number without sign or exponent that takes up all of `text`.
std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text[0] < '0' || text[0] > '9' || text.back() == '.') return std::nullopt;
  return value;
}

struct Name {
  int number;
  const char* name;
};

#define STDIOGATE_NAME(number) \
  { number, #number }

// glibc could say these (sigabbrev_np, strerrorname_np), other C libraries cannot.
constexpr Name kSignals[] = {
    STDIOGATE_NAME(SIGHUP),  STDIOGATE_NAME(SIGINT),  STDIOGATE_NAME(SIGQUIT),
    STDIOGATE_NAME(SIGILL),  STDIOGATE_NAME(SIGTRAP), STDIOGATE_NAME(SIGABRT),
    STDIOGATE_NAME(SIGBUS),  STDIOGATE_NAME(SIGFPE),  STDIOGATE_NAME(SIGKILL),
    STDIOGATE_NAME(SIGUSR1), STDIOGATE_NAME(SIGSEGV), STDIOGATE_NAME(SIGUSR2),
    STDIOGATE_NAME(SIGPIPE), STDIOGATE_NAME(SIGALRM), STDIOGATE_NAME(SIGTERM),
    STDIOGATE_NAME(SIGXCPU), STDIOGATE_NAME(SIGXFSZ), STDIOGATE_NAME(SIGSYS),
};

// What starting a program and writing a file can fail with.
constexpr Name kErrors[] = {
    STDIOGATE_NAME(E2BIG),   STDIOGATE_NAME(EACCES), STDIOGATE_NAME(EAGAIN),
    STDIOGATE_NAME(EBADF),   STDIOGATE_NAME(EFAULT), STDIOGATE_NAME(EINVAL),
    STDIOGATE_NAME(EIO),     STDIOGATE_NAME(EISDIR), STDIOGATE_NAME(ELIBBAD),
    STDIOGATE_NAME(ELOOP),   STDIOGATE_NAME(EMFILE), STDIOGATE_NAME(ENAMETOOLONG),
    STDIOGATE_NAME(ENFILE),  STDIOGATE_NAME(ENOENT), STDIOGATE_NAME(ENOEXEC),
    STDIOGATE_NAME(ENOMEM),  STDIOGATE_NAME(ENOSPC), STDIOGATE_NAME(ENOTDIR),
    STDIOGATE_NAME(EPERM),   STDIOGATE_NAME(EPIPE),  STDIOGATE_NAME(EROFS),
    STDIOGATE_NAME(ETXTBSY),
};

#undef STDIOGATE_NAME

}  // namespace

std::string with_point(std::uint64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
  return text.insert(text.size() - digits, ".");
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  const std::size_t unit_at = text.find_first_not_of("0123456789.");
  if (unit_at == std::string_view::npos) return std::nullopt;
  for (const DurationUnit& unit : kDurationUnits) {
    if (text.substr(unit_at) != unit.name) continue;
    const auto value = parse_decimal(text.substr(0, unit_at));
    if (!value) return std::nullopt;
    const double length = *value * static_cast<double>(unit.length.count());
    if (length > static_cast<double>(kLongestDuration.count())) return std::nullopt;
    if (*value > 0 && length < kShortest) return std::nullopt;
    return Duration(std::llround(length));
  }
  return std::nullopt;
}

std::string format_duration(Duration duration) {
  const auto ms = std::chrono::round<milliseconds>(duration);
  if (ms.count() == 0) return "0";
  for (const DurationUnit& unit : kDurationUnits) {
    const auto whole = ms / std::chrono::duration_cast<milliseconds>(unit.length);
    if (ms == whole * std::chrono::duration_cast<milliseconds>(unit.length))
      return std::to_string(whole).append(unit.name);
    if (unit.name != "s" || whole == 0) continue;
    const std::string seconds = with_point(static_cast<std::uint64_t>(ms.count()), 3);
    return seconds.substr(0, seconds.find_last_not_of('0') + 1) + "s";
  }
  return std::to_string(ms.count()) + "ms";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::size_t place = unit.empty() ? 0 : kSizeUnits.find(unit, 1);
  if (place == std::string_view::npos || unit.size() > 1) return std::nullopt;
  const auto shift = static_cast<unsigned>(10 * place);
  if (value > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
  return value << shift;
}

std::string format_size(std::uint64_t bytes) {
  std::size_t place = 0;
  while (bytes > 0 && bytes % 1024 == 0 && place + 1 < kSizeUnits.size()) {
    bytes /= 1024;
    ++place;
  }
  std::string text = std::to_string(bytes);
  return place == 0 ? text : text + kSizeUnits[place];
}

std::string signal_name(int signal) {
  const Name* known = std::ranges::find(kSignals, signal, &Name::number);
  return known != std::end(kSignals) ? known->name : "signal " + std::to_string(signal);
}

std::string errno_name(int error) {
  const Name* known = std::ranges::find(kErrors, error, &Name::number);
  return known != std::end(kErrors) ? known->name : "errno " + std::to_string(error);
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace stdiogate
