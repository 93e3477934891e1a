#include "src/report/record.h"

#include "tests/support/router_world.h"

using namespace stdiogate;

namespace {

const TimeText kTime([] { return Time{}; }, [] { return std::int64_t{1'764'159'314'163'021'000}; });

/// A router, and the record of what passes.
struct Recorded : RouterWorld {
  explicit Recorded(RouterConfig config = {}) : RouterWorld(with_lines(config)) { also = &record; }

  static RouterConfig with_lines(RouterConfig config) {
    config.observe_lines = true;
    return config;
  }

  std::string taken() { return std::exchange(lines, {}); }

  std::string lines;
  Record record{{.id = "s", .command = {"/bin/the \"server\"", "-v"}, .directory = "/tmp"},
                [this](std::string_view line) { lines += line; },
                kTime};
};

std::string envelope(int sequence, const std::string& direction, const std::string& rest) {
  return R"({"session_id":"s","server_label":"the \"server\"","seq":)" + std::to_string(sequence) +
         R"(,"ts":"2025-11-26T12:15:14.163021Z","direction":")" + direction +
         R"(","transport":"stdio",)" + rest + "}\n";
}

}  // namespace

TEST_CASE("record: a line of the client's goes in as it came, valid JSON as raw") {
  Recorded world;
  world.client(R"({"jsonrpc":"2.0", "id":1,"method":"m"})");
  CHECK(world.taken() == envelope(1, "c2s", R"("raw":{"jsonrpc":"2.0", "id":1,"method":"m"})"));
  world.client("{nonsense\t\x01");
  world.client("[1,2]");
  const std::string lines = world.taken();
  CHECK(lines.starts_with(envelope(2, "c2s", R"("text":"{nonsense\t\u0001")")));
  CHECK(lines.find(envelope(3, "c2s", R"("raw":[1,2])")) != std::string::npos);
}

TEST_CASE("record: a line of the client's is whole, whatever became of it") {
  Recorded world;
  const std::string long_one(10'000, 'x');
  world.client(long_one);
  CHECK(world.taken().starts_with(envelope(1, "c2s", "\"text\":\"" + long_one + '"')));
  world.client("\xef\xbb\xbf" + request(1, "m", "[\"" + long_one + "\"]"));
  CHECK(world.taken().find(long_one) != std::string::npos);
  world.client("");
  world.client(" \t");
  const std::string lines = world.taken();
  CHECK(lines.find("\"text\":\"\"}") != std::string::npos);
  CHECK(lines.find("\"text\":\" \\t\"}") != std::string::npos);
}

TEST_CASE("record: a line beyond the limit is cut, and says so") {
  RouterConfig config;
  config.max_line = 100;
  Recorded world(config);
  world.router.client_line({"{\"jsonrpc\"", true}, world.now);
  CHECK(world.taken() == envelope(1, "c2s", R"("text":"{\"jsonrpc\"","truncated":true)"));
}

TEST_CASE(
    "record: of a line beyond the limit it has up to 4 KiB, in however many pieces it comes") {
  Recorded world;
  const auto client = [&](const std::string& piece, bool ends) {
    world.router.client_line({piece, true, ends}, world.now);
  };
  client(R"({"jsonrpc":"2.0",)", false);
  CHECK(world.taken().empty());
  client(R"("id":1)", false);
  client("}", true);
  CHECK(world.taken().starts_with(
      envelope(1, "c2s", R"("text":"{\"jsonrpc\":\"2.0\",\"id\":1}","truncated":true)")));
  client(std::string(4000, 'a'), false);
  client(std::string(4000, 'b'), false);
  const std::string cut = envelope(
      2, "c2s",
      "\"text\":\"" + std::string(4000, 'a') + std::string(96, 'b') + R"(","truncated":true)");
  CHECK(world.taken() == cut);
  client(std::string(4000, 'c'), false);
  CHECK(world.taken().empty());
  client("", true);
  CHECK(world.taken().find("c2s") == std::string::npos);
  client("d", true);
  CHECK(world.taken().find(R"("text":"d","truncated":true)") != std::string::npos);
}

TEST_CASE("record: of a server's line beyond the limit it has up to 4 KiB, of each server apart") {
  Recorded world;
  const auto server = [&](const std::string& piece, bool ends, Router::ServerNumber number = 0) {
    world.router.server_line({piece, true, ends}, world.now, number);
  };
  LineWriter second;
  world.router.connect(1, second, false, world.now);
  server(R"({"jsonrpc":"2.0",)", false);
  server("of another", false, 1);
  CHECK(world.taken().empty());
  server(R"("id":1})", true);
  const std::string dropped = R"("text":"dropped: a line of the server beyond --max-line")";
  CHECK(world.taken() ==
        envelope(1, "s2c", R"("text":"{\"jsonrpc\":\"2.0\",\"id\":1}","truncated":true)") +
            envelope(2, "meta", dropped));
  server(std::string(5000, 'b'), false);
  CHECK(world.taken() ==
        envelope(3, "s2c", "\"text\":\"" + std::string(4096, 'b') + R"(","truncated":true)"));
  server("", true);
  CHECK(world.taken() == envelope(4, "meta", dropped));
  server("", true, 1);
  CHECK(world.taken() == envelope(5, "s2c", R"("text":"of another","truncated":true)") +
                             envelope(6, "meta", dropped));
}

TEST_CASE("record: a request of the server's that finds no place is there by method and id") {
  Recorded world;
  for (std::uint32_t i = 0; i < Router::kMaxServerRequests; ++i)
    world.server(request(i, "roots/list"));
  CHECK(world.taken().empty());
  world.server(request("\"one\"", "sampling/createMessage"));
  world.server(request(7, "roots/list"));
  CHECK(world.taken() ==
        envelope(1, "meta",
                 R"("text":"dropped: sampling/createMessage beyond the limit, id \"one\"")") +
            envelope(2, "meta", R"("text":"dropped: roots/list beyond the limit, id 7")"));
}

TEST_CASE("record: a batch is one envelope") {
  Recorded world;
  const std::string batch =
      R"([{"jsonrpc":"2.0","id":1,"method":"m"},{"jsonrpc":"2.0","id":2,"method":"m"}])";
  world.client(batch);
  CHECK(world.taken() == envelope(1, "c2s", "\"raw\":" + batch));
}

TEST_CASE("record: what the client is sent is shown by its writer, with the client's ids") {
  LineWriter writer;
  std::string lines;
  Record record(
      {.id = "s", .command = {"the \"server\""}, .directory = ""},
      [&](std::string_view line) { lines += line; }, kTime);
  writer.set_tap([&](std::string_view line) { record.client_line(line); });
  const Edit edit{.offset = 6, .length = 3, .replacement = "\"seven\""};
  writer.append(R"({"id":133})", {&edit, 1});
  CHECK(lines == envelope(1, "s2c", R"("raw":{"id":"seven"})"));
}

TEST_CASE("record: noise is text of the server's, cut at 4 KiB") {
  Recorded world;
  world.server("hello \"you\"");
  CHECK(world.taken() == envelope(1, "s2c", R"("text":"hello \"you\"")"));
  world.server(std::string(5000, 'a'));
  CHECK(world.taken() ==
        envelope(2, "s2c", "\"text\":\"" + std::string(4096, 'a') + R"(","truncated":true)"));
}

TEST_CASE("record: stderr comes in whole lines") {
  Recorded world;
  world.record.server_stderr(0, "one\ntw");
  CHECK(world.taken() == envelope(1, "stderr", R"("text":"one")"));
  world.record.server_stderr(0, "o\n" + std::string(9000, 'b'));
  world.record.server_stderr(0, std::string(9000, 'b') + "\nlast");
  world.record.server_ended(0, 1, {.status = 2});
  CHECK(
      world.taken() ==
      envelope(2, "stderr", R"("text":"two")") +
          envelope(3, "stderr", "\"text\":\"" + std::string(4096, 'b') + R"(","truncated":true)") +
          envelope(4, "stderr", R"("text":"last")") +
          envelope(5, "meta", R"("text":"server 1 exited with status 2")"));
}

TEST_CASE("record: starts tell the command, other metas are text, and a loss uses numbers up") {
  Recorded world;
  world.record.server_started();
  world.record.server_replaced(2, 1);
  world.server(R"({"jsonrpc":"2.0","id":99,"result":{}})");
  CHECK(world.taken() ==
        envelope(1, "meta", R"("raw":{"command":["/bin/the \"server\"","-v"],"cwd":"/tmp"})") +
            envelope(2, "meta", R"("text":"server 2 replaces server 1")") +
            envelope(3, "meta", R"("text":"dropped: an answer to no open request, id 99")"));
  CHECK(world.record.lost_line(3) == envelope(4, "meta", R"("text":"lost 3 lines")"));
}
