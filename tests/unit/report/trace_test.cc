#include <cstdio>

#include "tests/support/traced.h"

using namespace stdiogate;
using namespace std::chrono_literals;

TEST_CASE("trace: a request is one line, its keys in the order of the page") {
  Traced world;
  const std::string wire_id = world.ask(kCall);
  world.advance(41873us);
  world.answer(wire_id, R"("result":{})");
  const std::string answer = R"({"jsonrpc":"2.0","id":7,"result":{}})";
  CHECK(
      world.taken() ==
      R"({"time":"2025-11-26T12:15:14.204894Z","duration_s":0.041873,"mcp.method.name":"tools/call",)"
      R"("gen_ai.tool.name":"search","jsonrpc.request.id":"7","network.transport":"pipe",)"
      R"("stdiogate.from":"client","stdiogate.outcome":"answered","stdiogate.wire_id":)" +
          wire_id + R"(,"stdiogate.in_flight":0,"stdiogate.request_bytes":)" +
          std::to_string(std::string_view(kCall).size()) + R"(,"stdiogate.answer_bytes":)" +
          std::to_string(answer.size()) +
          R"(,"stdiogate.server":1})"
          "\n");
}

TEST_CASE("trace: an id is the bytes its sender wrote") {
  Traced world;
  const std::string wire_id = world.ask(R"({"jsonrpc":"2.0","id":"7","method":"ping"})");
  world.answer(wire_id, R"("result":{})");
  CHECK(world.member("jsonrpc.request.id") == R"("\"7\"")");
  CHECK(world.member("gen_ai.tool.name").empty());
}

TEST_CASE("trace: a name that is empty is there, one that is absent is not") {
  const auto name = [](const std::string& method, const std::string& params) {
    Traced world;
    const std::string wire_id = world.ask(R"({"jsonrpc":"2.0","id":7,"method":")" + method +
                                          R"(","params":)" + params + "}");
    world.answer(wire_id, R"("result":{})");
    return world.member("gen_ai.tool.name") + world.member("gen_ai.prompt.name");
  };
  CHECK(name("tools/call", R"({"name":""})") == R"("")");
  CHECK(name("prompts/get", R"({"name":""})") == R"("")");
  CHECK(name("tools/call", R"({"name":"n","_meta":{"progressToken":"t"}})") == R"("n")");
  CHECK(name("tools/call", "{}").empty());
  CHECK(name("tools/call", R"({"name":null})").empty());
  CHECK(name("tools/list", R"({"name":""})").empty());
}

TEST_CASE("trace: what has no answer has no bytes of one") {
  Traced world;
  world.answer(world.ask(kCall), R"("result":{})");
  world.ask(kCall);
  world.taken();
  world.client(cancelled(7));
  CHECK(world.member("stdiogate.outcome") == R"("cancelled")");
  CHECK(world.member("stdiogate.answer_bytes").empty());
  world.answer(world.ask(kCall), R"("result":{})");
  world.server(request("0", "roots/list"));
  world.taken();
  world.server(cancelled("0"));
  CHECK(world.member("stdiogate.outcome") == R"("cancelled")");
  CHECK(world.member("stdiogate.answer_bytes").empty());
}

TEST_CASE("trace: a name that is empty waits as others do") {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = 1;
  Traced world(config);
  const std::string first = world.ask(kCall);
  world.client(R"({"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":""}})");
  world.answer(first, R"("result":{})");
  world.taken();
  world.answer(std::to_string(wire_id_in(world.at_server().back())), R"("result":{})");
  CHECK(world.member("gen_ai.tool.name") == R"("")");
}

TEST_CASE("trace: an empty method is one, counted by name or not") {
  const std::string empty = R"({"jsonrpc":"2.0","id":1,"method":""})";
  Traced world;
  world.answer(world.ask(empty), R"("result":{})");
  CHECK(world.member("mcp.method.name") == R"("")");
  Traced many;
  for (int i = 0; i < 300; ++i)
    many.answer(many.ask(request(1, "m" + std::to_string(i))), R"("result":{})");
  many.taken();
  many.answer(many.ask(empty), R"("result":{})");
  CHECK(many.member("mcp.method.name") == R"("")");
}

TEST_CASE("trace: the error's code and type are the server's") {
  Traced world;
  world.answer(world.ask(kCall), R"("error":{"message":"a{\"code\":1}","code":-32602})");
  CHECK(world.member("rpc.response.status_code") == R"("-32602")");
  CHECK(world.member("error.type") == R"("-32602")");
  world.taken();
  world.answer(world.ask(kCall), R"("error":{"code":1.5,"message":""})");
  CHECK(world.member("rpc.response.status_code").empty());
  CHECK(world.member("error.type") == R"("_OTHER")");
}

TEST_CASE("trace: a code longer than any 64-bit integer is other") {
  Traced world;
  const auto code = [&](const std::string& text) {
    world.taken();
    world.answer(world.ask(kCall), R"("error":{"code":)" + text + R"(,"message":""})");
    return world.member("rpc.response.status_code") + world.member("error.type");
  };
  CHECK(code("-9223372036854775808") == R"("-9223372036854775808""-9223372036854775808")");
  CHECK(code("1" + std::string(20, '0')) == R"("_OTHER")");
  CHECK(code(std::string(100'000, '9')) == R"("_OTHER")");
}

TEST_CASE("trace: a tool's error is one of a result that says so, of tools/call only") {
  Traced world;
  world.answer(world.ask(kCall), R"("result":{"content":[{"isError":false},"}"],"isError":true})");
  CHECK(world.member("error.type") == R"("tool_error")");
  world.taken();
  world.answer(world.ask(kCall), R"("result":{"content":[{"isError":true}],"isError":false})");
  CHECK(world.member("error.type").empty());
  world.taken();
  world.answer(world.ask(R"({"jsonrpc":"2.0","id":7,"method":"x"})"),
               R"("result":{"isError":true})");
  CHECK(world.member("error.type").empty());
}

TEST_CASE("trace: isError counts however its name is written") {
  Traced world;
  world.answer(world.ask(kCall), R"("result":{"is\u0045rror":true})");
  CHECK(world.member("error.type") == R"("tool_error")");
  world.taken();
  world.answer(world.ask(kCall), R"("result":{"x":"\\u0045\u001b","is\u0045rro":true})");
  CHECK(world.member("error.type").empty());
}

TEST_CASE("trace: a request's bytes are those its sender wrote, whatever was mended") {
  Traced world;
  const auto bytes = [&](const std::string& line) {
    world.answer(world.ask(line), R"("result":{})");
    const bool is_right = world.member("stdiogate.request_bytes") == std::to_string(line.size());
    world.taken();
    return is_right;
  };
  CHECK(bytes("\xef\xbb\xbf" + std::string(kCall)));
  CHECK(bytes("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"x\",\"params\":[\"\xff\xfe\"]}"));
  CHECK(bytes(kCall));
  const std::string asks = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"x\",\"params\":[\"\xff\"]}";
  world.server("\xef\xbb\xbf" + asks);
  const auto answer = [&] {
    const std::string id = std::to_string(wire_id_in(world.at_client().back()));
    world.client(R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{}})");
  };
  answer();
  CHECK(world.member("stdiogate.request_bytes") == std::to_string(asks.size() + 3));
  world.taken();
  const std::string element = R"({"jsonrpc":"2.0","id":7,"method":"x"})";
  world.server("\xef\xbb\xbf[" + element + "," + element + "]");
  answer();
  CHECK(world.member("stdiogate.request_bytes") == std::to_string(element.size()));
}

TEST_CASE("trace: the gate's own errors have their reason and code") {
  RouterConfig config;
  config.max_in_flight = 1;
  config.timeout = 1s;
  Traced world(config);
  (void)world.ask(kCall);
  world.client(kCall);
  CHECK(world.member("stdiogate.outcome") == R"("refused")");
  CHECK(world.member("error.type") == R"("limit")");
  CHECK(world.member("rpc.response.status_code") == R"("-31001")");
  CHECK(world.member("stdiogate.wire_id").empty());
  CHECK(world.member("duration_s") == "0.000000");
  CHECK(world.member("stdiogate.answer_bytes") == std::to_string(world.at_client()[0].size()));
  world.taken();
  world.advance(1s);
  CHECK(world.member("stdiogate.outcome") == R"("timeout")");
  CHECK(world.member("error.type") == R"("timeout")");
  CHECK(world.member("duration_s") == "1.000000");
  CHECK(world.member("stdiogate.answer_bytes") == std::to_string(world.at_client()[0].size()));
}

TEST_CASE("trace: what was cancelled was sent no answer") {
  Traced world;
  (void)world.ask(kCall);
  world.client(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(world.member("stdiogate.outcome") == R"("cancelled")");
  CHECK(world.member("error.type") == R"("cancelled")");
  CHECK(world.member("stdiogate.answer_bytes").empty());
}

TEST_CASE("trace: the protocol version is the session's from initialize on, else the request's") {
  Traced world;
  world.answer(world.ask(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{}})"),
               R"("result":{"protocolVersion":"2025-11-25"})");
  CHECK(world.member("mcp.protocol.version") == R"("2025-11-25")");
  world.taken();
  world.answer(world.ask(kCall), R"("result":{})");
  CHECK(world.member("mcp.protocol.version") == R"("2025-11-25")");
  world.taken();
  world.answer(
      world.ask(
          R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})"),
      R"("result":{})");
  CHECK(world.member("mcp.protocol.version") == R"("2026-07-28")");
}

TEST_CASE("trace: a session's protocol version is a string of at most 64 bytes") {
  const auto version = [](const std::string& json) {
    Traced world;
    world.answer(world.ask(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{}})"),
                 R"("result":{"protocolVersion":)" + json + "}");
    return world.member("mcp.protocol.version");
  };
  const std::string longest = '"' + std::string(64, 'v') + '"';
  CHECK(version(longest) == longest);
  CHECK(version('"' + std::string(65, 'v') + '"').empty());
  CHECK(version("20251125").empty());
}

TEST_CASE("trace: a traceparent is told if it is valid") {
  const auto parents = [](const std::string& text) {
    Traced world;
    world.answer(
        world.ask(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"traceparent":")" +
                  text + R"("}}})"),
        R"("result":{})");
    return world.member("trace_id") + world.member("parent_span_id");
  };
  CHECK(parents("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") ==
        R"("4bf92f3577b34da6a3ce929d0e0e4736""00f067aa0ba902b7")");
  CHECK(parents("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more") != "");
  CHECK(parents("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").empty());
  CHECK(parents("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").empty());
  CHECK(parents("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01").empty());
  CHECK(parents("00-00000000000000000000000000000000-00f067aa0ba902b7-01").empty());
  CHECK(parents("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01").empty());
  CHECK(parents("").empty());
}

TEST_CASE("trace: a traceparent is told however it is written and however long it is") {
  const auto parents = [](const std::string& json) {
    Traced world;
    world.answer(
        world.ask(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"traceparent":)" +
                  json + "}}}"),
        R"("result":{})");
    return world.member("trace_id") + world.member("parent_span_id");
  };
  const std::string ids = "-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const std::string told = R"("4bf92f3577b34da6a3ce929d0e0e4736""00f067aa0ba902b7")";
  std::string escaped;
  for (const char c : "00" + ids) {
    char escape[7];
    (void)std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
    escaped += escape;
  }
  CHECK(parents("\"" + escaped + "\"") == told);
  CHECK(parents("\"" + escaped + "\\u002d\"").empty());
  const std::string more = "-" + std::string(100'000, 'x');
  CHECK(parents("\"cc" + ids + more + "\"") == told);
  CHECK(parents("\"cc" + ids + "-\\\"\"") == told);
  CHECK(parents("\"cc" + ids + "\\ud83d\\ude00\"").empty());
  CHECK(parents("\"00" + ids + more + "\"").empty());
  CHECK(parents("[\"00" + ids + "\"]").empty());
}

TEST_CASE("trace: a long name is cut at a whole character and ends in an ellipsis") {
  Traced world;
  std::string name(252, 'a');
  name += "\u00e9\u00e9\u00e9";
  world.answer(world.ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" +
                         name + "\"}}"),
               R"("result":{})");
  CHECK(world.member("gen_ai.tool.name") == "\"" + std::string(252, 'a') + "\u2026\"");
}

TEST_CASE("trace: where no server was ever started none is named") {
  Traced world;
  Trace trace(world, world.time);
  world.also = &trace;
  world.client(kCall);
  world.client(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(world.member("stdiogate.from") == R"("client")");
  CHECK(world.member("stdiogate.server").empty());
}

TEST_CASE("trace: elements of a batch are requests like others") {
  Traced world;
  const std::string one = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  world.client("[" + one + "," + one + "]");
  for (const std::string& line : world.at_server())
    world.answer(std::to_string(wire_id_in(line)), R"("result":{})");
  const std::string lines = world.taken();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  CHECK(lines.find("\"stdiogate.request_bytes\":" + std::to_string(one.size())) !=
        std::string::npos);
}
