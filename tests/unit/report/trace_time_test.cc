#include "src/limits.h"
#include "tests/support/traced.h"

using namespace stdiogate;
using namespace std::chrono_literals;

/// One slot, one place in the queue.
RouterConfig one_of_each() {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = 1;
  return config;
}

TEST_CASE("trace: what waited says for how long, and only that") {
  Traced world(one_of_each());
  const std::string first = world.ask(kCall);
  world.client(kCall);
  world.advance(250ms);
  world.answer(first, R"("result":{})");
  CHECK(world.member("stdiogate.queued_s").empty());
  world.taken();
  world.advance(100ms);
  world.answer(std::to_string(wire_id_in(world.at_server().back())), R"("result":{})");
  CHECK(world.member("duration_s") == "0.350000");
  CHECK(world.member("stdiogate.queued_s") == "0.250000");
}

TEST_CASE("trace: what was never handed over has waited all the time") {
  Traced world(one_of_each());
  (void)world.ask(kCall);
  world.client(request(8));
  world.advance(250ms);
  world.client(cancelled(8));
  CHECK(world.member("duration_s") == "0.250000");
  CHECK(world.member("stdiogate.queued_s") == "0.250000");
}

TEST_CASE("trace: what waited no time has waited, what was refused at once has not") {
  Traced world(one_of_each());
  (void)world.ask(kCall);
  world.client(request(8));
  world.paused = 2s;
  world.client(request(9));
  CHECK(world.member("stdiogate.outcome") == R"("refused")");
  CHECK(world.member("stdiogate.queued_s").empty());
  (void)world.taken();
  world.paused = {};
  world.client(cancelled(8));
  CHECK(world.member("stdiogate.outcome") == R"("cancelled")");
  CHECK(world.member("stdiogate.queued_s") == "0.000000");
}

TEST_CASE("trace: a request of the server's counts from its line to the client's answer") {
  Traced world;
  world.server(R"({"jsonrpc":"2.0","id":3,"method":"roots/list"})");
  world.advance(2s);
  const std::string wire_id = std::to_string(wire_id_in(world.at_client().back()));
  world.client(R"({"jsonrpc":"2.0","id":)" + wire_id + R"(,"result":{}})");
  CHECK(world.member("stdiogate.from") == R"("server")");
  CHECK(world.member("jsonrpc.request.id") == R"("3")");
  CHECK(world.member("duration_s") == "2.000000");
  CHECK(world.member("stdiogate.answer_bytes") == "36");
}

TEST_CASE("trace: a pause of the client's counts, though no deadline passes in it") {
  Traced world(one_of_each());
  const std::string first = world.ask(kCall);
  world.client(kCall);
  world.paused = 2s;
  world.answer(first, R"("result":{})");
  CHECK(world.member("time") == R"("2025-11-26T12:15:16.163021Z")");
  CHECK(world.member("duration_s") == "2.000000");
  (void)world.taken();
  const std::string second = std::to_string(wire_id_in(world.at_server().back()));
  CHECK(world.router.next_deadline() == world.now + RouterConfig().timeout);
  world.paused += 1s;
  world.answer(second, R"("result":{})");
  CHECK(world.member("duration_s") == "3.000000");
  CHECK(world.member("stdiogate.queued_s") == "2.000000");
}

TEST_CASE("trace: the time that the check of a giant answer takes counts") {
  Traced world;
  world.check = 50ms;
  const auto answered = [&](std::size_t size) {
    const std::string wire_id = world.ask(kCall);
    world.advance(10ms);
    world.answer(wire_id, "\"result\":\"" + std::string(size, 'x') + '"');
    const std::string duration = world.member("duration_s");
    (void)world.taken();
    return duration;
  };
  CHECK(answered(10) == "0.010000");
  CHECK(answered(kLongToCheck) == "0.060000");
}

TEST_CASE("trace: servers start, end and are replaced") {
  Traced world;
  world.trace.server_started(1, 2, 4712);
  world.trace.server_replaced(1, 0);
  world.now += 1500ms;
  world.trace.server_ended(0, {.status = 3});
  world.trace.server_ended(1, {.signal = 9});
  const std::string time = R"({"time":"2025-11-26T12:15:14.163021Z","stdiogate.event":")";
  const std::string later = R"({"time":"2025-11-26T12:15:15.663021Z","stdiogate.event":")";
  CHECK(
      world.taken() ==
      time + R"(server-start","stdiogate.server":2,"process.pid":4712})" + "\n" + time +
          R"(server-replaced","stdiogate.server":2,"process.pid":4712,"stdiogate.replaces":1})" +
          "\n" + later +
          R"(server-end","stdiogate.server":1,"process.pid":4711,"process.exit.code":3,"duration_s":1.500000})" +
          "\n" + later +
          R"(server-end","stdiogate.server":2,"process.pid":4712,"stdiogate.signal":"SIGKILL","duration_s":1.500000})" +
          "\n");
}
