// Whether anything is allocated for a message. Sanitizers have a `new` of their own.
#if !defined(__SANITIZE_ADDRESS__)

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "stdiogate/router.h"

#include "src/io/lane.h"
#include "src/io/outlet.h"
#include "src/io/sink.h"
#include "src/report/event_log.h"
#include "src/report/stats.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/pipe.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace stdiogate {
namespace {

RouterConfig few_slots() {
  RouterConfig config;
  config.max_in_flight = 4;
  return config;
}

/// All that a message passes through, between four pipes: the test is client and server.
struct World final : Sink::Owner, Observer {
  World() {
    reactor.on_turn_end([this] {
      client.flush();
      server.flush();
      from_client.end_of_turn();
      from_server.end_of_turn();
    });
    from_client.connect_source(Stream::own(std::move(client_in.reader)));
    server.connect(Stream::own(std::move(server_in.writer)));
    from_server.connect_source(Stream::own(std::move(server_out.reader)));
    client.connect(Stream::own(std::move(client_out.writer)));
    router.connect(0, server.writer(), false, reactor.now());
  }

  struct LaneOwner final : Lane::Owner {
    LaneOwner(World& given, bool client) : world(given), is_client(client) {}
    [[nodiscard]] bool may_read() const override { return true; }
    bool on_lines(LineReader& lines) override {
      return is_client ? world.router.client_lines(lines, world.reactor.now())
                       : world.router.server_lines(lines, world.reactor.now());
    }
    void on_source_end(int) override {}
    void on_source_hangup() override {}

    World& world;
    bool is_client;
  };

  void on_sink_gone(int) override {}
  void on_event(const Event& event) override {
    counter.on_event(event);
    log_event(log, event, false);
  }

  /// Puts the text in at one end. Returns what comes out at the other.
  std::string pass(const Pipe& in, const std::string& text, const Pipe& out) {
    in.put(text);
    const std::size_t before = allocations;
    reactor.turn();
    counted += allocations - before;
    return out.take();
  }

  FakeClock clock;
  Reactor reactor{clock};
  Outlet err{reactor, {}};
  Log log{LogLevel::warn, LogFormat::text, err};
  Counter counter{4 + Router::kReserve};
  Sink server{reactor, *this};
  Sink client{reactor, *this};
  Router router{few_slots(), client.writer(), *this};
  LaneOwner of_client{*this, true};
  LaneOwner of_server{*this, false};
  Lane from_client{reactor, of_client, 1 << 20};
  Lane from_server{reactor, of_server, 1 << 20};
  Pipe client_in;
  Pipe server_in;
  Pipe server_out;
  Pipe client_out;
  std::size_t counted = 0;
};

std::string request(const std::string& id) {
  return R"({"jsonrpc":"2.0","id":)" + id +
         R"(,"method":"tools/call","params":{"name":"echo","_meta":{"progressToken":)" + id +
         "}}}\n";
}

/// The number behind the first `"id":` of the line.
std::string id_in(const std::string& line) {
  const std::size_t at = line.find(R"("id":)") + 5;
  return line.substr(at, line.find_first_of(",}", at) - at);
}

/// One of everything that is no error: requests with long ids, progress, an answer, a cancel, an
/// answer that is too late, and a request of the server's.
void exchange(World& world) {
  const std::string long_id = '"' + std::string(900, 'i') + '"';
  const std::string wire = id_in(world.pass(world.client_in, request(long_id), world.server_in));
  (void)world.pass(
      world.server_out,
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + long_id +
          "}}\n",
      world.client_out);
  const std::string answer =
      world.pass(world.server_out, R"({"jsonrpc":"2.0","id":)" + wire + R"(,"result":{}})" + "\n",
                 world.client_out);
  REQUIRE(answer == R"({"jsonrpc":"2.0","id":)" + long_id + R"(,"result":{}})" + "\n");

  const std::string late = id_in(world.pass(world.client_in, request("1.50"), world.server_in));
  (void)world.pass(
      world.client_in,
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1.50}})"
      "\n",
      world.server_in);
  const std::string own =
      world.pass(world.server_out,
                 R"({"jsonrpc":"2.0","id":)" + late + R"(,"result":{}})" + "\n" +
                     R"({"jsonrpc":"2.0","id":"s","method":"ping"})" + "\n",
                 world.client_out);
  (void)world.pass(world.client_in,
                   R"({"jsonrpc":"2.0","id":)" + id_in(own) + R"(,"result":{}})" + "\n",
                   world.server_in);
}

TEST_CASE("allocation: none for a message once all has been seen") {
  World world;
  for (int i = 0; i < 600; ++i)  // each slot has had each id
    exchange(world);
  REQUIRE(world.counted > 0);
  world.counted = 0;
  for (int i = 0; i < 200; ++i)
    exchange(world);
  CHECK(world.counted == 0);
}

}  // namespace
}  // namespace stdiogate

#endif
