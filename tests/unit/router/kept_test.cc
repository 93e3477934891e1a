// What is kept for the next server.
#include <string>

#include "stdiogate/router.h"

#include "tests/support/catch.h"
#include "tests/support/two_servers.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;
using World = TwoServers;

std::string subscribe(std::string_view id, std::string_view uri, bool off = false) {
  return request(id, off ? "resources/unsubscribe" : "resources/subscribe",
                 R"({"uri":")" + std::string(uri) + R"("})");
}

/// The second server has taken over the session. Returns what it has been sent behind its opening.
Lines restarted(World& world) {
  world.lose_first();
  (void)world.at_client();
  world.start_second();
  const Lines opening = world.at_second();
  REQUIRE(opening.size() == 1);
  world.second(result(wire_id_in(opening[0]), kTerms));
  Lines lines = world.at_second();
  REQUIRE(lines.size() > 0);
  CHECK(lines[0] == kInitialized);
  lines.erase(lines.begin());
  return lines;
}

TEST_CASE("router: kept is the initialize whose own answer was a result") {
  World world;
  const auto first = pass(world, request(1, "initialize", R"({"n":1})"));
  const auto second = pass(world, request(2, "initialize", R"({"n":2})"));
  world.server(error(second));
  world.server(result(first, kTerms));
  world.client(kInitialized);
  world.lose_first();
  world.start_second();
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == request(wire_id_in(lines[0]), "initialize", R"({"n":1})"));
}

TEST_CASE("router: an initialize of any size up to a mebibyte is kept") {
  for (const std::size_t size : {std::size_t{100'000}, std::size_t{2'000'000}}) {
    World world;
    const std::string big = R"({"x":")" + std::string(size, 'x') + R"("})";
    const auto wire_id = pass(world, request(1, "initialize", big));
    world.server(result(wire_id, kTerms));
    (void)pass(world, request(2, "ping", big));  // not worth a word
    CHECK(world.count(EventKind::not_kept) == (size > Router::kMaxKept));
    world.lose_first();
    world.start_second();
    const bool is_kept = size < Router::kMaxKept;
    CHECK((world.router.server_state(kSecond) == Router::ServerState::opening) == is_kept);
  }
}

TEST_CASE("router: subscriptions and the log level are set again, and nobody hears of it") {
  World world;
  world.open_session();
  world.server(result(pass(world, subscribe("1", "file:///a"))));
  world.server(result(pass(world, subscribe("2", "file:///b"))));
  world.server(result(pass(world, subscribe("3", "file:///a", true))));
  world.server(error(pass(world, subscribe("4", "file:///c"))));
  (void)pass(world, subscribe("5", "file:///d"));
  world.server(result(pass(world, request("6", "logging/setLevel", R"({"level":"info"})"))));
  world.server(result(pass(world, request("7", "logging/setLevel", R"({"level":"debug"})"))));
  const Lines lines = restarted(world);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == subscribe(std::to_string(wire_id_in(lines[0])), "file:///b"));
  CHECK(lines[1] == request(wire_id_in(lines[1]), "logging/setLevel", R"({"level":"debug"})"));
  (void)world.at_client();
  world.second(result(wire_id_in(lines[0])));
  world.second(error(wire_id_in(lines[1])));
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("router: of two log levels the one that was asked for last is kept") {
  const auto level = [](std::uint64_t id, const std::string& name) {
    return request(id, "logging/setLevel", R"({"level":")" + name + "\"}");
  };
  for (const bool in_order : {true, false}) {
    World world;
    world.open_session();
    const auto first = pass(world, level(6, "info"));
    const auto last = pass(world, level(7, "debug"));
    world.server(result(in_order ? first : last));
    world.server(result(in_order ? last : first));
    const Lines lines = restarted(world);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] == level(wire_id_in(lines[0]), "debug"));
  }
}

TEST_CASE("router: an unsubscribe counts that is answered before the subscribe it takes back") {
  for (const bool is_refused : {false, true}) {
    World world;
    world.open_session();
    const auto on = pass(world, subscribe("1", "u"));
    const auto other = pass(world, subscribe("2", "v"));
    const auto off = pass(world, subscribe("3", "u", true));
    world.server(is_refused ? error(off) : result(off));
    world.server(result(on));
    world.server(result(other));
    const Lines lines = restarted(world);
    REQUIRE(lines.size() == (is_refused ? 2 : 1));
    CHECK(lines.back() == subscribe(std::to_string(wire_id_in(lines.back())), "v"));
  }
}

TEST_CASE("router: an unsubscribe counts, too, where no more can be kept") {
  World world;
  world.open_session();
  const std::string uri(Router::kMaxKept * 2 / 5, 'u');
  world.server(result(pass(world, subscribe("1", uri))));
  CHECK_FALSE(world.router.is_idle());
  world.server(result(pass(world, subscribe("2", uri, true))));
  CHECK(world.count(EventKind::not_kept) == 0);
  CHECK(world.router.is_idle());
  CHECK(restarted(world).empty());
}

TEST_CASE("router: what was asked of a server that was replaced meanwhile changes the next") {
  World world;
  world.open_session();
  world.server(result(pass(world, subscribe("1", "u"))));
  const auto off = pass(world, subscribe("2", "u", true));
  const auto old_level = pass(world, request(3, "logging/setLevel", R"({"level":"info"})"));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  CHECK(world.at_second().size() == 2);
  world.client(request(4, "logging/setLevel", R"({"level":"debug"})"));
  world.second(result(wire_id_in(world.at_second().at(0))));
  world.server(result(off));
  world.server(result(old_level));
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == subscribe(std::to_string(wire_id_in(lines[0])), "u", true));
}

TEST_CASE("router: a late answer does not undo what the next server is asked") {
  World world;
  world.open_session();
  const auto old_level = pass(world, request(3, "logging/setLevel", R"({"level":"info"})"));
  const auto off = pass(world, subscribe("2", "u", true));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  (void)world.at_second();
  world.client(request(4, "logging/setLevel", R"({"level":"debug"})"));
  world.client(subscribe("5", "u"));
  const Lines asked = world.at_second();
  REQUIRE(asked.size() == 2);
  world.server(result(old_level));
  world.server(result(off));
  CHECK(world.at_second().empty());
  world.second(result(wire_id_in(asked[0])));
  world.second(result(wire_id_in(asked[1])));
  CHECK(world.at_second().empty());
}

TEST_CASE("router: a subscription without a URI is none of the log level") {
  World world;
  world.open_session();
  world.server(result(pass(world, request(1, "logging/setLevel", R"({"level":"info"})"))));
  world.server(result(pass(world, subscribe("2", "", true))));
  CHECK(restarted(world).size() == 1);
}

TEST_CASE("router: many subscriptions leave slots to the client") {
  World world;
  world.open_session();
  for (int i = 0; i < 100; ++i)
    world.server(result(pass(world, subscribe("1", "u:" + std::to_string(i)))));
  Lines sent = restarted(world);
  CHECK(sent.size() == Router::kReserve / 2);
  std::size_t all = sent.size();
  while (!sent.empty()) {
    for (const std::string& line : sent)
      world.second(result(wire_id_in(line)));
    sent = world.at_second();
    all += sent.size();
  }
  CHECK(all == 100);
}

TEST_CASE("router: nothing overtakes what is set up again, however much that is") {
  constexpr std::size_t kAtOnce = Router::kReserve / 2;
  const std::string note = notification("notifications/poke", "{}");
  World world;
  world.open_session();
  for (std::size_t i = 0; i <= kAtOnce; ++i)
    world.server(result(pass(world, subscribe("1", "u:" + std::to_string(i)))));
  world.lose_first();
  world.client(request(5));
  world.start_second();
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  const Lines sent = world.at_second();
  REQUIRE(sent.size() == 1 + kAtOnce);
  world.client(note);
  world.client(request(6));
  CHECK(world.at_second().empty());
  CHECK(world.router.waiting() == 2);
  world.second(result(wire_id_in(sent.back())));
  const Lines rest = world.at_second();
  REQUIRE(rest.size() == 4);
  CHECK(rest[0] == subscribe(std::to_string(wire_id_in(rest[0])), "u:16"));
  CHECK(rest[1] == request(wire_id_in(rest[1])));
  CHECK(rest[2] == note);
  CHECK(rest[3] == request(wire_id_in(rest[3])));
  world.client(request(7));
  CHECK(world.at_second().size() == 1);
}

TEST_CASE("router: whoever waits for the set-up waits for the server, not for a slot") {
  RouterConfig config;
  config.queue_timeout = 1s;
  config.start_timeout = 10s;
  World world(config);
  world.open_session();
  for (std::size_t i = 0; i <= Router::kReserve / 2; ++i)
    world.server(result(pass(world, subscribe("1", "u:" + std::to_string(i)))));
  (void)restarted(world);
  (void)world.at_client();
  world.client(request(5));
  world.advance(5s);
  CHECK(world.router.waiting() == 1);
  CHECK(world.at_client().empty());
  world.advance(5s);  // the set-up is not answered in time: the rest of it follows
  CHECK(world.at_second().size() == 2);
}

TEST_CASE("router: requests that stay open with the server before do not hold up the set-up") {
  World world;
  world.open_session();
  world.server(result(pass(world, subscribe("1", "u"))));
  for (std::size_t i = 0; i < Router::kReserve; ++i)
    (void)pass(world, request(i, "tasks/result"));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  CHECK(world.at_second().size() == 2);
  world.client(request(5));
  CHECK(world.at_second().size() == 1);
}

TEST_CASE("router: what was subscribed to at a server that was replaced meanwhile is set up, too") {
  World world;
  world.open_session();
  const auto wire_id = pass(world, subscribe("1", "u"));
  world.start_second(true);
  world.second(result(wire_id_in(world.at_second().at(0)), kTerms));
  (void)world.at_second();
  world.server(result(wire_id));
  const Lines lines = world.at_second();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == subscribe(std::to_string(wire_id_in(lines[0])), "u"));
}

TEST_CASE("router: what is kept is bounded, and what is not kept is said") {
  World world;
  world.open_session();
  const std::string uri(Router::kMaxKept / 3, 'u');
  for (const char* which : {"a", "b", "c"})
    world.server(result(pass(world, subscribe("1", uri + which))));
  CHECK(world.count(EventKind::not_kept) > 0);
  for (const char* which : {"a", "b", "c"})
    world.server(result(pass(world, subscribe("1", uri + which, true))));
  CHECK_FALSE(world.router.is_idle());
  CHECK(restarted(world).size() < 3);
}

TEST_CASE("router: an agent of ACP that has a session cannot be restarted") {
  World world;
  const auto opening = pass(world, request(1, "initialize", R"({"protocolVersion":1})"));
  world.server(result(opening, R"({"protocolVersion":1})"));
  CHECK(world.router.can_restart());
  world.server(error(pass(world, request(2, "session/new"))));
  CHECK(world.router.can_restart());
  world.server(result(pass(world, request(2, "session/new")), R"({"sessionId":"s"})"));
  CHECK_FALSE(world.router.can_restart());
  CHECK_FALSE(world.router.is_idle());
}

TEST_CASE("router: another protocol's session/new means nothing") {
  World world;
  world.open_session();
  world.server(result(pass(world, request(2, "session/new"))));
  CHECK(world.router.can_restart());
}

}  // namespace
}  // namespace stdiogate
