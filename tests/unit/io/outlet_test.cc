#include "src/io/outlet.h"

#include <fcntl.h>

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
  const char* environment[2] = {"KEY=a secret", nullptr};
  Secrets secrets{environment};

  /// Later, as far as the reactor knows.
  void wait(Duration time) {
    clock.advance(time);
    Reactor::Timer now(reactor, [] {});
    now.set(reactor.now());
    reactor.turn();
  }
};

TEST_CASE("outlet: what is put is written at once if it is taken") {
  World world;
  world.outlet.put("abc\n");
  CHECK(world.pipe.take() == "abc\n");
  CHECK(world.outlet.empty());
}

TEST_CASE("outlet: a line of ours begins a line, whatever the server has begun") {
  World world;
  world.outlet.put_line("first\n");
  world.outlet.put("50 %");
  world.outlet.put_line("ours\n");
  world.outlet.put_line("more\n");
  world.outlet.put("100 %\n");
  CHECK(world.pipe.take() == "first\n50 %\nours\nmore\n100 %\n");
}

TEST_CASE("outlet: while it is read nothing is lost, and a server waits for room") {
  World world;
  const std::string line = std::string(999, 'p') + "\n";
  std::size_t sent = 0;
  for (; world.outlet.has_room(); sent += line.size())
    world.outlet.put(line);
  CHECK(sent >= kStderrRoom);
  CHECK(sent < kStderrRoom + 10'000);
  std::size_t received = 0;
  while (!world.outlet.empty()) {
    world.wait(kNoReader / 2);
    received += world.pipe.take().size();
    world.reactor.turn();
  }
  CHECK(world.outlet.has_room());
  CHECK(received + world.pipe.take().size() == sent);
  CHECK(world.outlet.dropped_bytes() == 0);
}

TEST_CASE("outlet: of what nobody reads the newest whole lines are kept, and the rest is counted") {
  World world;
  const auto line = [](int i) {
    return std::to_string(1'000'000 + i) + std::string(120, 'x') + "\n";
  };
  int lines = 0;
  while (world.outlet.has_room())
    world.outlet.put(line(lines++));
  world.wait(kNoReader);
  CHECK(world.outlet.has_room());
  CHECK(world.outlet.is_done());  // nobody has to wait for it
  while (lines < 20'000)
    world.outlet.put(line(lines++));
  std::string all;
  while (!world.outlet.empty()) {
    all += world.pipe.take();
    world.reactor.turn();
  }
  world.outlet.put("the end\n");
  while (!all.ends_with("the end\n")) {
    all += world.pipe.take();
    world.wait(Duration::zero());
  }
  const std::size_t first = 4096 / 128;  // lines in the pipe
  CHECK(all.substr(0, 128 * first) == [&] {
    std::string text;
    for (std::size_t i = 0; i < first; ++i)
      text += line(static_cast<int>(i));
    return text;
  }());
  const std::size_t note = all.find(" warn stderr-dropped lines=");
  REQUIRE(note != std::string::npos);
  const std::size_t said = std::stoul(all.substr(note + 27));
  const std::size_t behind = all.find('\n', note) + 1;
  const std::size_t kept = (all.size() - behind - 8) / 128;
  CHECK(kept >= kStderrKept / 128);
  CHECK(kept <= 2 * kStderrKept / 128);
  CHECK(first + said + kept == 20'000);
  CHECK(all.substr(behind, 128) == line(static_cast<int>(20'000 - kept)));
  CHECK(all.ends_with(line(19'999) + "the end\n"));
}

TEST_CASE("outlet: between the lines of a shared writer only whole lines are put") {
  World world;
  LineWriter lines;
  world.outlet.share(lines);
  lines.append("one");
  world.outlet.put("a serv");
  world.outlet.put_line("of ours\n");
  lines.append("two");
  world.outlet.put("er's\nand a half");
  CHECK(lines.bytes() == "one\nof ours\ntwo\na server's\n");
  world.outlet.end_line();
  CHECK(lines.bytes().ends_with("\nand a half\n"));
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
  Log json_log(LogLevel::warn, LogFormat::json, world.outlet);
  json_log.write(LogLevel::error, "server-exited",
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
  server_stderr.note("noise", world.secrets);
  CHECK(world.pipe.take() == "noise\n");
  CHECK(server_stderr.tail() == "one\ntw\xffnoise\n");
}

TEST_CASE("server_stderr: a long line of noise is cut between characters, with its length") {
  World world;
  ServerStderr server_stderr(world.reactor, StderrMode::pass, world.outlet, world.log);
  server_stderr.note(std::string(4096, 'x'), world.secrets);
  const std::string whole = std::string(4096, 'x') + "\n";
  CHECK(server_stderr.tail() == whole);
  server_stderr.note(std::string(4095, 'x') + "\xc3\xa9", world.secrets);
  CHECK(server_stderr.tail() ==
        whole + std::string(4095, 'x') + " [stdiogate: cut, 4097 bytes in all]\n");
}

TEST_CASE("server_stderr: a long line of noise is not cut in the middle of a secret") {
  World world;
  ServerStderr server_stderr(world.reactor, StderrMode::pass, world.outlet, world.log);
  server_stderr.note(std::string(4091, 'x') + "a secret", world.secrets);
  CHECK(server_stderr.tail() == std::string(4091, 'x') + " [stdiogate: cut, 4099 bytes in all]\n");
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

TEST_CASE("server_stderr: a long line is logged up to a whole character, and what is cut is said") {
  World world;
  ::fcntl(world.pipe.reader.get(), F_SETPIPE_SZ, 65536);
  Pipe source;
  ::fcntl(source.reader.get(), F_SETPIPE_SZ, 65536);
  ServerStderr server_stderr(world.reactor, StderrMode::log, world.outlet, world.log);
  server_stderr.connect(Stream::own(std::move(source.reader)));
  source.put(std::string(8191, 'x') + "\u00e9 and more\n");
  world.reactor.turn();
  const std::string line = world.pipe.take();
  CHECK(line.find(" text=" + std::string(8191, 'x') + " cutBytes=11\n") != std::string::npos);
  source.put("short\r\n");
  world.reactor.turn();
  CHECK(world.pipe.take().ends_with(" text=short\n"));
}

TEST_CASE("server_stderr: is not read while our stderr has no room") {
  World world;
  Pipe source;
  ServerStderr server_stderr(world.reactor, StderrMode::pass, world.outlet, world.log);
  world.reactor.on_turn_end([&] { server_stderr.end_of_turn(); });
  server_stderr.connect(Stream::own(std::move(source.reader)));
  while (world.outlet.has_room())
    world.outlet.put(std::string(999, 'x') + "\n");
  world.wait(kNoReader / 2);
  source.put("waits\n");
  world.wait(kNoReader / 4);
  CHECK(server_stderr.tail().empty());
  world.wait(kNoReader);  // nobody reads
  world.wait(kNoReader);
  CHECK(server_stderr.tail() == "waits\n");
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
  CHECK(server_stderr.tail().size() >= kStderrKept);
  CHECK(server_stderr.tail().size() <= 2 * kStderrKept);
  source.put("the last\n");
  server_stderr.drain();
  CHECK(server_stderr.tail().ends_with("\nthe last\n"));
}

}  // namespace
}  // namespace stdiogate
