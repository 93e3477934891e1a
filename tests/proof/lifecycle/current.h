#pragma once

namespace stdiogate::lifecycle {

class World;

/// The one schedule that is played now, for what the program calls.
extern World* current;

}  // namespace stdiogate::lifecycle
