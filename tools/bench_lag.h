#pragma once

#include "tools/bench_path.h"

namespace bench {

/// How old, in milliseconds, what a stream's client reads is when it reads 1 MB/s and the server
/// writes as fast as it may: what is on the way between them. `argv`: runs `bench_server stream`.
[[nodiscard]] double lag_ms(const Words& argv);

}  // namespace bench
