#pragma once

#include <cstddef>

#include "stdiogate/clock.h"

/// The limits of the program that are no option's and no class's own, each with its reason.
namespace stdiogate {

/// Above this many bytes waiting for a sink, what causes them is not read. Large enough that a sink
/// is kept busy, small enough that nobody can make the gate hoard.
inline constexpr std::size_t kHighWater = 1024 * 1024;

/// About so many lines are read at once, at least so many bytes: who floods one lane with small
/// lines must not keep the others waiting. A hundred cost a turn's overhead many times over.
inline constexpr std::size_t kLinesATurn = 128;
inline constexpr std::size_t kLeastRead = 4096;

/// When a read got all there was, whoever reads the sink is probably idle: it is given so many
/// lines at once, so that it works while the rest is judged. Fewer would not pay for the further
/// write and wake-up.
inline constexpr std::size_t kFirstLines = 16;

/// What waits for our stderr at most, and what is kept of the server's for error messages. What a
/// pipe holds: as much as would have waited without the gate.
inline constexpr std::size_t kStderrRoom = 64 * 1024;

/// How long requests are answered with the reason when the server could not be started: a client
/// that has just written its first request still reads why.
inline constexpr Duration kNotStartedLinger = std::chrono::seconds(1);

/// Hosts that have sent SIGTERM send SIGKILL after one or two seconds: by then the gate is done.
inline constexpr Duration kMaxGraceAfterSignal = std::chrono::milliseconds(700);
inline constexpr Duration kMaxEndAfterSignal = std::chrono::milliseconds(900);

}  // namespace stdiogate
