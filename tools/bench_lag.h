#pragma once

#include "tools/bench_path.h"

namespace bench {

/// The age, in milliseconds, of what a client reads at 1 MB/s from a server that writes as fast as
/// it can: it shows how much is buffered in between. `argv`: runs `bench_server stream`.
[[nodiscard]] double lag_ms(const Words& argv);

}  // namespace bench
