#pragma once

#include <string_view>

/// What is fuzzed: each takes any bytes and aborts if something is not as it must be. The same
/// functions are run by libFuzzer, by AFL++ and, over tests/proof/corpus, by `make check`.
namespace stdiogate::fuzz {

/// A line, to the message parser; the first byte says how.
void message(std::string_view input);
/// Bytes, cut anywhere, to the line reader, and its lines to the line writer.
void lines(std::string_view input);
/// Bytes of both sides in turn, to a router.
void router(std::string_view input);
/// A script of the simulation, played next to its model.
void script(std::string_view input);

/// Aborts, saying what is wrong, unless `good`.
void must(bool good, const char* what);

}  // namespace stdiogate::fuzz
