#include "src/process/launcher.h"

#include <sys/epoll.h>

#include "tests/proof/lifecycle/current.h"
#include "tests/proof/lifecycle/world.h"

// What the program is linked with in place of its own launcher and of epoll_wait.
namespace stdiogate {

Launcher::Launcher(const ServerCommand& command, std::span<char> own_words)
    : command_(command), own_words_(own_words) {}

Launcher::~Launcher() = default;

Launcher::Server Launcher::start() {
  return {.watcher = 0, .ends = lifecycle::current->start_server()};
}

void Launcher::reap() {}

std::uint32_t Launcher::kill_left_by(pid_t, pid_t) {
  return 0;
}

NotStarted Launcher::explain(int error, bool) const {
  return {.error = error, .status = 126, .reason = "it does not want to"};
}

lifecycle::World* lifecycle::current = nullptr;

}  // namespace stdiogate

extern "C" int __wrap_epoll_wait(int epoll, epoll_event* events, int room, int milliseconds);

extern "C" int __wrap_epoll_wait(int epoll, epoll_event* events, int room, int milliseconds) {
  return stdiogate::lifecycle::current->wait(epoll, events, room, milliseconds);
}
