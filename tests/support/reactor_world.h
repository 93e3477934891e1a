#pragma once

#include "stdiogate/reactor.h"

#include "tests/support/fake_clock.h"

namespace stdiogate {

/// A reactor whose time stands still until the clock is advanced.
struct ReactorWorld {
  FakeClock clock;
  Reactor reactor{clock};

  /// A turn that does not wait: something is due in it.
  void turn_now() {
    Reactor::Timer alarm(reactor, [] {});
    alarm.set(reactor.now());
    reactor.turn();
  }
};

}  // namespace stdiogate
