#include <signal.h>

#include <string>

#include "tests/proof/lifecycle/world.h"

// What may happen next in a schedule.
namespace stdiogate::lifecycle {

using std::chrono::milliseconds;

void World::step() {
  --steps_left_;
  const std::uint32_t kind = random_.below(40);
  if (kind < 8) return step_of_client();
  if (kind < 33) {
    if (Server* server = some_server()) step_of_server(*server);
    return;
  }
  if (kind < 34) return step_of_gate();
  constexpr milliseconds kTimes[] = {milliseconds(1),   milliseconds(20),  milliseconds(100),
                                     milliseconds(250), milliseconds(700), milliseconds(1500)};
  pass_time(kTimes[random_.below(kind < 35 ? 6 : 3)]);
}

void World::step_of_client() {
  switch (random_.below(16)) {
    case 0: return cancel();
    case 1: reads_ = false; return note("the client pauses");
    case 2:
    case 3:
      reads_ = true;
      note("the client reads");
      (void)read_client();
      return;
    case 4:
      if (random_.one_in(8)) close_client();
      return;
    case 5: return send(R"({"jsonrpc":"2.0","method":"notifications/poke"})");
    default:
      send_request();
      while (has_large_ && random_.one_in(2))
        send_request();
  }
}

void World::step_of_server(Server& server) {
  const std::string name = "server " + std::to_string(server.number());
  const std::uint32_t kind = random_.below(40);
  bool done = false;
  std::string what;
  if (kind < 4 || (kind < 39 && !server.has_started())) {
    const bool can_run = !random_.one_in(20);
    what = can_run ? "starts" : "cannot be run";
    done = server.start(can_run);
  } else if (kind < 12) {
    what = "reads";
    done = server.read();
  } else if (kind < 24) {
    what = "answers";
    done = random_.one_in(8) ? server.refuse() : server.answer(random_.one_in(6) ? 100'000 : 0);
  } else if (kind < 28) {
    what = "writes the rest";
    done = server.write();
  } else if (kind < 30) {
    what = "says something";
    done = server.say(random_.one_in(2) ? R"({"jsonrpc":"2.0","method":"notifications/message"})"
                                        : "oh");
  } else if (kind < 31) {
    what = "complains";
    done = server.complain();
  } else if (kind < 32) {
    what = "closes its stdin";
    done = (server.is_full() || random_.one_in(4)) && server.close_stdin();
  } else if (kind < 33) {
    what = "closes its stdout";
    done = random_.one_in(4) && server.close_stdout();
  } else if (kind < 35) {
    const auto leaves = static_cast<Server::Leaves>(random_.one_in(3) ? 1 + random_.below(2) : 0);
    const int signal = random_.one_in(3) ? SIGSEGV : 0;
    const int status = signal == 0 && random_.one_in(2) ? 3 : 0;
    what = "exits with " + std::to_string(status) + ", signal " + std::to_string(signal) +
           (leaves != Server::Leaves::nothing ? ", and a helper holds its stdout" : "");
    done = server.exit(status, signal, leaves);
  } else if (kind < 36) {
    what = "has no helper any more";
    done = server.end_helper();
  } else if (kind < 39) {
    what = "does what the gate asks";
    done = server.obey();
  } else {
    what = "loses its watcher";
    done = (!server.has_started() || random_.one_in(8)) && server.lose_watcher();
  }
  if (done) note(name + " " + what);
}

void World::step_of_gate() {
  switch (random_.below(24)) {
    case 0: return signal(SIGTERM);
    case 1: return signal(SIGHUP);
    case 2: return signal(SIGINT);
    default: return signal(SIGUSR2);
  }
}

}  // namespace stdiogate::lifecycle
