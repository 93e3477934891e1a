#pragma once

#include "tests/support/session.h"

/// Scenarios that have a file of their own. Each throws what went wrong.
namespace testing {

/// Lines of 64 MiB, and longer ones, go through the program, both ways.
void giants(const Programs& programs);

/// Servers that are hard to end are ended in every way, in time, and nothing is left.
void ladder(const Programs& programs);

/// Pipes, sockets, terminals, files and the rest as standard streams, in any mix.
void streams(const Programs& programs);

/// A client that reads late, and a byte at a time.
void slow_reader(const Programs& programs);

}  // namespace testing
