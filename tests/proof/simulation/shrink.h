#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/proof/simulation/script.h"

namespace stdiogate::simulation {

/// Runs `work` in a process of its own, which may crash, hang or return what went wrong. Returns
/// nothing if all went well.
[[nodiscard]] std::optional<std::string> run_apart(
    const std::function<std::optional<std::string>()>& work, unsigned seconds);

/// Takes out of a script that fails what it can fail without, until nothing more can go.
[[nodiscard]] Script shrunk(Script script, const std::function<bool(const Script&)>& fails);

}  // namespace stdiogate::simulation
