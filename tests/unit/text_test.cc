#include "src/text.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

TEST_CASE("text: memory that is given back is not kept") {
  std::string text(1'000'000, 'x');
  give_back(text);
  CHECK(text.empty());
  CHECK(text.capacity() < 100);
}

TEST_CASE("units: durations are read as they are written") {
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("200ms") == 200ms);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("0.25ms") == 250us);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("24000h") == 24000h);
}

TEST_CASE("units: what is no duration is none") {
  for (const char* text :
       {"",     "5",   "s",       "ms",    "-1s",   "+1s",    "1 s",
        "1d",   "1S",  "1sec",    "1..5s", ".5s",   "1.s2",   "1e3s",
        "0x1s", "nan", "inf",     "1,5s",  "5m30s", "24001h", "99999999999999999999h",
        "1s ",  "5.s", "0.0001ms"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("units: durations are written in their shortest exact form") {
  CHECK(format_duration(0s) == "0");
  CHECK(format_duration(200ms) == "200ms");
  CHECK(format_duration(1500ms) == "1.5s");
  CHECK(format_duration(1005ms) == "1.005s");
  CHECK(format_duration(30s) == "30s");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(5min) == "5m");
  CHECK(format_duration(60min) == "1h");
  CHECK(format_duration(1200us) == "1ms");
}

TEST_CASE("units: every duration that is written can be read") {
  for (const Duration duration : {1ms, 999ms, 1001ms, 59999ms, 60000ms, 3599000ms, 86400000ms})
    CHECK(parse_duration(format_duration(duration)) == duration);
}

TEST_CASE("units: sizes are bytes, or 1024s with a letter") {
  CHECK(parse_size("0") == 0u);
  CHECK(parse_size("4096") == 4096u);
  CHECK(parse_size("1K") == 1024u);
  CHECK(parse_size("64M") == 64u << 20);
  CHECK(parse_size("2G") == std::uint64_t{2} << 30);
  CHECK(parse_size("18446744073709551615") == UINT64_MAX);
}

TEST_CASE("units: what is no size is none") {
  for (const char* text : {"", "K", "-1", "+1", "1k", "1KB", "1.5M", "1 M", "0x10",
                           "18446744073709551616", "17179869184G", "1T"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("units: sizes are written in their shortest exact form") {
  CHECK(format_size(0) == "0");
  CHECK(format_size(1000) == "1000");
  CHECK(format_size(64u << 20) == "64M");
  CHECK(format_size(1536) == "1536");
  CHECK(format_size(2048) == "2K");
  CHECK(format_size(std::uint64_t{3} << 30) == "3G");
}

}  // namespace
}  // namespace stdiogate
