#include "stdiogate/gate_error.h"

#include <cerrno>
#include <csignal>

#include "stdiogate/message.h"

#include "tests/support/catch.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

std::string response(std::string_view id, const GateError& error) {
  std::string line;
  append_error_response(line, id, error);
  return line;
}

TEST_CASE("gate_error: the limit") {
  CHECK(
      response("7", limit_error(5)) ==
      R"({"jsonrpc":"2.0","id":7,"error":{"code":-31001,"message":"Maximum concurrent requests (5) exceeded","data":{"from":"stdiogate","reason":"limit","retryable":true,"limit":5}}})");
}

TEST_CASE("gate_error: a timeout") {
  CHECK(
      response("\"a\"", timeout_error(5min, 300123ms, "tools/call")) ==
      R"({"jsonrpc":"2.0","id":"a","error":{"code":-31002,"message":"Request timed out after 5m","data":{"from":"stdiogate","reason":"timeout","retryable":false,"elapsedMs":300123,"method":"tools/call"}}})");
}

TEST_CASE("gate_error: a server that has exited, and one that was killed") {
  CHECK(
      response("1", server_exited_error({.status = 3}, "out of memory\n", true)) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-31003,"message":"Server exited with status 3","data":{"from":"stdiogate","reason":"server-exited","retryable":false,"status":3,"stderr":"out of memory\n"}}})");
  CHECK(
      response("1", server_exited_error({.signal = SIGKILL}, "", false)) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-31003,"message":"Server was killed by signal SIGKILL","data":{"from":"stdiogate","reason":"server-exited","retryable":true,"signal":"SIGKILL"}}})");
}

TEST_CASE("gate_error: a server that has not ended, but reads no more") {
  CHECK(
      response("1", server_reads_no_more_error("oops\n")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-31003,"message":"Server has closed its stdin","data":{"from":"stdiogate","reason":"server-exited","retryable":true,"stderr":"oops\n"}}})");
}

/// The server's last words as the error has them, quoted.
std::string stderr_of(const std::string& tail) {
  const std::string data = server_exited_error({}, tail, true).data;
  const std::size_t begin = data.find("\"stderr\":\"") + 10;
  return data.substr(begin, data.size() - begin - 1);
}

TEST_CASE("gate_error: last words are whole characters, 2 KiB of them as the client has them") {
  std::string euros;
  while (euros.size() < 8000)
    euros += "\xe2\x82\xac";
  const std::string kept = stderr_of("first\n" + euros);
  CHECK(kept.size() == 2046);
  CHECK(kept.starts_with("\xe2\x82\xac"));
  // Each of these bytes is a character of three for the client.
  const std::string bad = stderr_of(std::string(8000, '\xff'));
  CHECK(bad.size() == 2046);
  CHECK(bad.starts_with("\xef\xbf\xbd"));
}

TEST_CASE("gate_error: of the server's last words whole lines are kept, 2 KiB of them") {
  std::string tail;
  for (int i = 0; i < 1000; ++i)
    tail += "line " + std::to_string(i) + "\n";
  const std::string kept = server_exited_error({}, tail, true).data;
  CHECK(kept.find("line 999\\n\"") != std::string::npos);
  CHECK(kept.find("\"stderr\":\"line ") != std::string::npos);
  CHECK(kept.size() < 2048 + 400);
  CHECK(kept.size() > 2000);
  const std::string one(5000, 'x');
  CHECK(server_exited_error({}, one, true).data ==
        ",\"status\":0,\"stderr\":\"" + one.substr(0, 2048) + "\"");
  const std::string exact = std::string(99, 'a') + "\n" + std::string(2047, 'b') + "\n";
  CHECK(server_exited_error({}, exact, true).data ==
        ",\"status\":0,\"stderr\":\"" + std::string(2047, 'b') + "\\n\"");
  const std::string half(1023, 'b');
  CHECK(stderr_of("a\n" + half + "\n" + half + "\n") == half + "\\n" + half + "\\n");
  CHECK(stderr_of("a\n" + half + "b\n" + half + "\n") == half + "\\n");
  CHECK(stderr_of(one + "\n") == std::string(2047, 'x') + "\\n");
  CHECK(stderr_of(one + "\ny") == "y");
}

TEST_CASE("gate_error: a slot that was waited for too long") {
  CHECK(
      response("1", queue_timeout_error(1500ms, 4)) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-31006,"message":"Waited 1.5s for a slot","data":{"from":"stdiogate","reason":"queue-timeout","retryable":true,"limit":4}}})");
}

TEST_CASE("gate_error: shutting down, a line too long, a server that could not be started") {
  CHECK(
      response("1", shutting_down_error(true)) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-31004,"message":"Gate is shutting down","data":{"from":"stdiogate","reason":"shutting-down","retryable":false}}})");
  CHECK(shutting_down_error(false).retryable);
  CHECK(
      response("1", line_too_long_error(64)) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-31005,"message":"Response of more than 64 bytes","data":{"from":"stdiogate","reason":"line-too-long","retryable":false,"limit":64}}})");
  CHECK(
      response("1", server_not_started_error("no \"such\"", ENOENT, "No such file or directory")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-31007,"message":"Cannot run no \"such\": No such file or directory","data":{"from":"stdiogate","reason":"server-not-started","retryable":true,"errno":"ENOENT"}}})");
}

TEST_CASE("gate_error: an invalid line, with the place of the fault where it is known") {
  CHECK(
      response("", invalid_error({-32700, "expected a value", 12})) ==
      R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error: expected a value at byte 12","data":{"from":"stdiogate","reason":"invalid","retryable":false,"offset":12}}})");
  CHECK(
      response("9", invalid_error({-32600, "its \"method\" is not a string", {}})) ==
      R"({"jsonrpc":"2.0","id":9,"error":{"code":-32600,"message":"Invalid request: its \"method\" is not a string","data":{"from":"stdiogate","reason":"invalid","retryable":false}}})");
}

TEST_CASE("gate_error: an answer that is not valid, with the place of the fault, too") {
  CHECK(
      response("9", invalid_answer_error({-32700, "expected a value", 12})) ==
      R"({"jsonrpc":"2.0","id":9,"error":{"code":-31008,"message":"The answer is not valid: expected a value","data":{"from":"stdiogate","reason":"invalid-answer","retryable":false,"offset":12}}})");
}

TEST_CASE("gate_error: reasons are listed in the order of their enum, with codes of their own") {
  for (std::size_t i = 0; i < std::size(kReasons); ++i) {
    CHECK(static_cast<std::size_t>(kReasons[i].reason) == i);
    for (std::size_t j = 0; j < i; ++j)
      CHECK(kReasons[i].code != kReasons[j].code);
  }
}

TEST_CASE("gate_error: every error is a response by the gate's own reading") {
  MessageParser parser;
  const Fault fault{-32600, "x", {}};
  for (const GateError& error :
       {limit_error(1), cancelled_error(), queue_timeout_error(1s, 1),
        timeout_error(1s, 1s, "m\x01\xff\""), server_exited_error({}, "\xff\n\"\\", true),
        server_reads_no_more_error("\xff\n"), shutting_down_error(true), line_too_long_error(1),
        server_not_started_error("\n", 4000, "\xff"), invalid_error(fault)}) {
    const std::string line = response("5", error);
    INFO(line);
    CHECK(parser.parse(line).kind == MessageKind::response);
  }
}

}  // namespace
}  // namespace stdiogate
