#include "src/io/outlet.h"

#include <string>

#include "src/gate/server_stderr.h"
#include "src/limits.h"
#include "src/report/log.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/pipe.h"

namespace stdiogate {
namespace {

struct World {
  FakeClock clock;
  Reactor reactor{clock};
  Pipe pipe;
  Outlet outlet{reactor, Stream::own(std::move(pipe.writer))};
  Log log{LogLevel::warn, LogFormat::text, outlet};
  Log json_log{LogLevel::warn, LogFormat::json, outlet};
};

TEST_CASE("outlet: what is put is written at once if it is taken") {
  World world;
  world.outlet.put("abc\n");
  CHECK(world.pipe.take() == "abc\n");
  CHECK(world.outlet.empty());
}

TEST_CASE("outlet: what is not taken waits, up to a limit, and nobody waits for it") {
  World world;
  const std::string piece(1000, 'p');
  std::string expected;
  for (int i = 0; i < 200; ++i)
    world.outlet.put(piece);
  CHECK_FALSE(world.outlet.empty());
  CHECK(world.outlet.dropped_bytes() > 0);
  CHECK(world.outlet.dropped_bytes() % 1000 == 0);  // whole pieces or none
  std::size_t received = 0;
  while (!world.outlet.empty()) {
    received += world.pipe.take().size();
    world.reactor.turn();
  }
  received += world.pipe.take().size();
  CHECK(received == 200'000 - world.outlet.dropped_bytes());
  CHECK(received >= kStderrRoom);
  world.outlet.put("again\n");
  CHECK(world.pipe.take() == "again\n");
}

TEST_CASE("outlet: when nobody reads any more all is dropped") {
  World world;
  world.pipe.reader.reset();
  world.outlet.put("x");
  world.outlet.put("y");
  CHECK(world.outlet.empty());
}

TEST_CASE("log: a line has time, level, event and fields") {
  World world;
  world.log.write(LogLevel::warn, "timeout",
                  {{"id", JsonText{"\"a\""}},
                   {"wireId", std::uint64_t{132}},
                   {"method", "tools/call"},
                   {"empty", ""},
                   {"reason", "it says \"no\"\n"}});
  const std::string line = world.pipe.take();
  CHECK(line.size() > 25);
  CHECK(line.substr(10, 1) == "T");
  CHECK(line.substr(23) ==
        "Z warn timeout id=\"a\" wireId=132 method=tools/call reason=\"it says \\\"no\\\"\\n\"\n");
}

TEST_CASE("log: the same as JSON") {
  World world;
  world.json_log.write(LogLevel::error, "server-exited",
                       {{"status", std::uint64_t{3}}, {"id", JsonText{"7"}}, {"command", "npx"}});
  const std::string line = world.pipe.take();
  CHECK(line.substr(0, 9) == "{\"time\":\"");
  CHECK(line.substr(33) ==
        "\",\"level\":\"error\",\"event\":\"server-exited\",\"status\":3,\"id\":7,\"command\":"
        "\"npx\"}\n");
}

TEST_CASE("log: what is below its level is not written") {
  World world;
  world.log.write(LogLevel::info, "not this", {});
  world.log.write(LogLevel::warn, "this", {});
  CHECK(world.pipe.take().ends_with(" warn this\n"));
}

TEST_CASE("server_stderr: bytes pass as they are, cut lines and all") {
  World world;
  Pipe source;
  ServerStderr server_stderr(world.reactor, StderrMode::pass, world.outlet, world.log);
  server_stderr.connect(Stream::own(std::move(source.reader)));
  source.put("one\ntw\xff");
  world.reactor.turn();
  CHECK(world.pipe.take() == "one\ntw\xff");
  server_stderr.note("noise");
  CHECK(world.pipe.take() == "noise\n");
  CHECK(server_stderr.tail() == "one\ntw\xffnoise\n");
}

TEST_CASE("server_stderr: a long line of noise is cut between characters, with its length") {
  World world;
  ServerStderr server_stderr(world.reactor, StderrMode::pass, world.outlet, world.log);
  server_stderr.note(std::string(4096, 'x'));
  const std::string whole = std::string(4096, 'x') + "\n";
  CHECK(server_stderr.tail() == whole);
  server_stderr.note(std::string(4095, 'x') + "\xc3\xa9");
  CHECK(server_stderr.tail() ==
        whole + std::string(4095, 'x') + " [stdiogate: cut, 4097 bytes in all]\n");
}

TEST_CASE("server_stderr: lines are logged if so asked, whatever the level") {
  World world;
  Pipe source;
  ServerStderr server_stderr(world.reactor, StderrMode::log, world.outlet, world.log);
  server_stderr.connect(Stream::own(std::move(source.reader)));
  source.put("one\nhalf");
  world.reactor.turn();
  CHECK(world.pipe.take().ends_with(" info server-stderr text=one\n"));
  source.writer.reset();
  world.reactor.turn();
  CHECK(world.pipe.take().ends_with(" info server-stderr text=half\n"));
}

TEST_CASE("server_stderr: is read and its end kept even if it is thrown away") {
  World world;
  Pipe source;
  ServerStderr server_stderr(world.reactor, StderrMode::discard, world.outlet, world.log);
  server_stderr.connect(Stream::own(std::move(source.reader)));
  for (int i = 0; i < 1000; ++i) {
    source.put(std::string(999, 'a' + static_cast<char>(i % 26)) + "\n");
    world.reactor.turn();
  }
  CHECK(world.outlet.empty());
  CHECK(server_stderr.tail().size() >= kStderrRoom);
  CHECK(server_stderr.tail().size() <= 2 * kStderrRoom);
  source.put("the last\n");
  server_stderr.drain();
  CHECK(server_stderr.tail().ends_with("\nthe last\n"));
}

}  // namespace
}  // namespace stdiogate
