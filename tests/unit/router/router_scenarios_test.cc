#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

// What the router is for, as stories. tests/program/cli and tests/program/scenarios.cc play them with
// the built program.
namespace stdiogate {
namespace {

using namespace std::chrono_literals;
using Lines = RouterWorld::Lines;

/// Many requests at once: all reach the server before any is answered.
void many_at_once(std::size_t count) {
  RouterWorld world;
  for (std::size_t i = 0; i < count; ++i)
    world.client(request(i, "m", R"({"marker":)" + std::to_string(i) + "}"));
  const Lines sent = world.at_server();
  REQUIRE(sent.size() == count);
  CHECK(world.at_client().empty());
  CHECK(world.router.in_flight() == count);
  for (std::size_t i = count; i-- > 0;)
    world.server(result(wire_id_in(sent[i])));
  const Lines answers = world.at_client();
  REQUIRE(answers.size() == count);
  for (std::size_t i = 0; i < count; ++i)
    CHECK(answers[i] == result(count - 1 - i));
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("scenario: 10 requests at once") {
  many_at_once(10);
}

TEST_CASE("scenario: 50 requests at once") {
  many_at_once(50);
}

TEST_CASE("scenario: 100 requests at once, the default limit exactly") {
  many_at_once(100);
}

TEST_CASE("scenario: correlation of 1,000 requests answered shuffled") {
  RouterWorld world;
  std::mt19937 random(4);
  std::map<std::string, std::string> marker_of;                  // by id
  std::vector<std::pair<std::uint64_t, std::string>> at_server;  // wire id and marker
  const auto id = [](int i) {
    const std::string n = std::to_string(i);
    return i % 3 == 0 ? n : i % 3 == 1 ? '"' + n + '"' : '"' + n + std::string(1000, '\\') + '"';
  };
  int sent = 0;
  int answered = 0;
  while (answered < 1000) {
    while (sent < 1000 && at_server.size() < 100) {
      const std::string marker = "\"m" + std::to_string(sent) + "\"";
      marker_of[id(sent)] = marker;
      world.client(request(id(sent++), "m", R"({"marker":)" + marker + "}"));
      at_server.emplace_back(wire_id_in(world.at_server().at(0)), marker);
    }
    std::shuffle(at_server.begin(), at_server.end(), random);
    world.server(result(at_server.back().first, at_server.back().second));
    const std::string line = world.at_client().at(0);
    const std::size_t at = line.find(",\"result\":");
    REQUIRE(marker_of.at(line.substr(22, at - 22)) == at_server.back().second);
    REQUIRE(line.substr(at + 10) == at_server.back().second + "}");
    at_server.pop_back();
    ++answered;
  }
  CHECK(world.router.in_flight() == 0);
}

TEST_CASE("scenario: isolation of 15 requests among notifications") {
  RouterWorld world;
  for (int i = 0; i < 15; ++i) {
    world.client(request("\"r" + std::to_string(i) + "\"", "m",
                         R"({"state":"s)" + std::to_string(i) + "\"}"));
    world.client(notification("n", R"({"state":"of nobody"})"));
  }
  const Lines sent = world.at_server();
  REQUIRE(sent.size() == 30);
  for (int i = 14; i >= 0; --i) {
    const std::string& line = sent[2 * static_cast<std::size_t>(i)];
    const std::size_t state = line.find("\"s" + std::to_string(i) + "\"");
    REQUIRE(state != std::string::npos);
    world.server(notification("progress of " + std::to_string(i)));
    world.server(result(wire_id_in(line), "\"s" + std::to_string(i) + "\""));
  }
  const Lines received = world.at_client();
  REQUIRE(received.size() == 30);
  for (std::size_t i = 0; i < 15; ++i) {
    const std::string n = std::to_string(14 - i);
    CHECK(received[2 * i + 1] == result("\"r" + n + "\"", "\"s" + n + "\""));
  }
}

TEST_CASE("scenario: after 100,000 requests with every kind of end no slot is taken") {
  RouterConfig config;
  config.timeout = 1s;
  RouterWorld world(config);
  std::mt19937 random(9);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    world.client(request(i));
    const Lines lines = world.at_server();
    const std::uint64_t wire_id = lines.empty() ? 0 : wire_id_in(lines[0]);
    switch (random() % 8) {
      case 0: world.server(error(wire_id)); break;
      case 1: world.client(cancelled(i)); break;
      case 2: world.advance(20ms); break;  // unanswered: times out
      case 3:
        world.server(result(wire_id));
        world.server(result(wire_id));
        break;
      default: world.server(result(wire_id)); break;
    }
    (void)world.at_client();
    (void)world.at_server();
    world.events.clear();
  }
  world.advance(1s);
  CHECK(world.router.in_flight() == 0);
  CHECK_FALSE(world.router.next_deadline());
  (void)world.at_client();
  (void)world.at_server();
  for (std::uint64_t i = 0; i < 100; ++i)
    world.client(request(i));  // every slot serves again
  CHECK(world.at_server().size() == 100);
  CHECK(world.at_client().empty());
}

TEST_CASE("scenario: errors, noise, unknown, late and second answers in one burst") {
  RouterConfig config;
  config.timeout = 1s;
  RouterWorld world(config);
  for (int i = 0; i < 6; ++i)
    world.client(request(std::to_string(i)));
  Lines sent = world.at_server();
  std::vector<std::uint64_t> wire;
  for (const auto& line : sent)
    wire.push_back(wire_id_in(line));
  world.server("a banner");
  world.server(result(wire[0]));
  world.server(error(wire[1], -32000));
  world.server(result(424242));
  world.server(result(wire[0]));
  world.server("{\"jsonrpc\":");
  world.server(result(wire[2]));
  CHECK(world.at_client() ==
        Lines{result("0"), R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}})",
              result("2")});
  world.advance(1s);
  const Lines timeouts = world.at_client();
  REQUIRE(timeouts.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(is_gate_error(timeouts[i], -31002, std::to_string(3 + i)));
  (void)world.at_server();
  world.client(request("3"));
  const auto again = wire_id_in(world.at_server().at(0));
  for (std::size_t i = 0; i < 6; ++i)
    world.server(result(wire[i], "\"late\""));
  CHECK(world.at_client().empty());
  world.server(result(again));
  CHECK(world.at_client() == Lines{result("3")});
}

TEST_CASE("scenario: a limit of five and ten requests") {
  RouterConfig config;
  config.max_in_flight = 5;
  RouterWorld world(config);
  for (int i = 1; i <= 10; ++i)
    world.client(request(std::to_string(i)));
  const Lines sent = world.at_server();
  const Lines refused = world.at_client();
  REQUIRE(sent.size() == 5);
  REQUIRE(refused.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(is_gate_error(refused[i], -31001, std::to_string(6 + i)));
    CHECK(refused[i].find("Maximum concurrent requests (5) exceeded") != std::string::npos);
  }
  world.client(request("\"p\"", "ping"));
  world.server(result(wire_id_in(world.at_server().at(0))));
  CHECK(world.at_client() == Lines{result("\"p\"")});
  for (const auto& line : sent)
    world.server(result(wire_id_in(line)));
  CHECK(world.at_client().size() == 5);
  for (int i = 6; i <= 10; ++i)
    world.client(request(std::to_string(i)));
  CHECK(world.at_server().size() == 5);
  CHECK(world.at_client().empty());
}

}  // namespace
}  // namespace stdiogate
