// A small MCP server over stdin and stdout, for demonstrations: tools echo, sleep, fail and die, as
// many calls at once as come. It shows the library's reactor, reader and writer at work, too.

#include <signal.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "stdiogate/line_reader.h"
#include "stdiogate/line_writer.h"
#include "stdiogate/reactor.h"

namespace {

using namespace stdiogate;
namespace ondemand = simdjson::ondemand;

constexpr std::size_t kMaxLine = 16 * 1024 * 1024;
constexpr std::string_view kVersions[] = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
constexpr std::int64_t kMaxSleepMs = 3'600'000;

constexpr std::string_view kTools =
    R"({"tools":[)"
    R"({"name":"echo","description":"Says the message back.","inputSchema":{"type":"object",)"
    R"("properties":{"message":{"type":"string"}},"required":["message"]}},)"
    R"({"name":"sleep","description":"Answers after `ms` milliseconds.","inputSchema":{)"
    R"("type":"object","properties":{"ms":{"type":"integer","minimum":0,"maximum":3600000}},)"
    R"("required":["ms"]}},)"
    R"({"name":"fail","description":"Fails.","inputSchema":{"type":"object"}},)"
    R"({"name":"die","description":"Kills the server.","inputSchema":{"type":"object"}}]})";

class DemoServer {
 public:
  DemoServer()
      : input_(reactor_, STDIN_FILENO, [this](Ready) { read(); }),
        alarm_(reactor_, [this] { wake(); }) {
    input_.want(Interest::read);
  }

  void run() { reactor_.run(); }

 private:
  void read();
  void handle(std::string_view line);
  void request(std::string_view id, std::string_view method, ondemand::document& message);
  void initialize(std::string_view id, ondemand::document& message);
  void call_tool(std::string_view id, ondemand::document& message);
  void sleep(const std::string& id, std::int64_t ms);
  void wake();
  void cancel(ondemand::document& message);
  void result(std::string_view id, std::string_view value);
  void text_result(std::string_view id, std::string_view json_string, bool is_error);
  void error(std::string_view id, int code, std::string_view message);
  void write();
  void stop_if_done() {
    if (ended_ && sleeping_.empty()) reactor_.stop();
  }

  SteadyClock clock_;
  Reactor reactor_{clock_};
  LineReader reader_{kMaxLine};
  LineWriter writer_;
  Reactor::Watch input_;
  Reactor::Timer alarm_;
  ondemand::parser parser_;
  std::multimap<Time, std::string> sleeping_;  // ids, by when they are to be answered
  bool ended_ = false;
};

std::string trimmed(std::string_view json) {
  return std::string(json.substr(0, json.find_last_not_of(" \t\r\n") + 1));
}

void DemoServer::read() {
  const auto room = reader_.room();
  const ssize_t n = ::read(STDIN_FILENO, room.data(), room.size());
  if (n < 0 && errno == EINTR) return;
  if (n > 0) reader_.commit(static_cast<std::size_t>(n));
  if (n <= 0) {
    reader_.end();
    input_.want(Interest::nothing);
    ended_ = true;
  }
  while (const auto line = reader_.next())
    handle(line->bytes);
  write();
  stop_if_done();
}

void DemoServer::handle(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  const simdjson::padded_string padded(line);
  ondemand::document message;
  std::string_view method;
  if (parser_.iterate(padded).get(message) || message["method"].get(method)) return;
  const std::string name(method);
  std::string_view id;
  if (!message["id"].raw_json_token().get(id)) {
    request(trimmed(id), name, message);
  } else if (name == "notifications/cancelled") {
    cancel(message);
  }
}

void DemoServer::request(std::string_view id, std::string_view method,
                         ondemand::document& message) {
  if (method == "initialize") {
    initialize(id, message);
  } else if (method == "ping") {
    result(id, "{}");
  } else if (method == "tools/list") {
    result(id, kTools);
  } else if (method == "tools/call") {
    call_tool(id, message);
  } else {
    error(id, -32601, "Method not found");
  }
}

void DemoServer::initialize(std::string_view id, ondemand::document& message) {
  std::string_view wanted;
  if (message["params"]["protocolVersion"].get(wanted))
    return error(id, -32602, "protocolVersion is missing");
  const bool known = std::ranges::find(kVersions, wanted) != std::end(kVersions);
  const std::string version(known ? wanted : kVersions[0]);
  result(id, R"({"protocolVersion":")" + version +
                 R"(","capabilities":{"tools":{}},"serverInfo":{"name":"demo","version":"1.0"}})");
}

void DemoServer::call_tool(std::string_view id, ondemand::document& message) {
  std::string_view name;
  if (message["params"]["name"].get(name)) return error(id, -32602, "name is missing");
  const std::string tool(name);
  if (tool == "echo") {
    std::string_view json;
    if (message["params"]["arguments"]["message"].raw_json_token().get(json) || json[0] != '"')
      return error(id, -32602, "echo needs a message");
    text_result(id, trimmed(json), false);
  } else if (tool == "sleep") {
    std::int64_t ms = 0;
    if (message["params"]["arguments"]["ms"].get(ms) || ms < 0 || ms > kMaxSleepMs)
      return error(id, -32602, "sleep needs ms, from 0 to 3600000");
    sleep(std::string(id), ms);
  } else if (tool == "fail") {
    text_result(id, "\"It failed, as it was asked to.\"", true);
  } else if (tool == "die") {
    (void)::raise(SIGKILL);
  } else {
    error(id, -32602, "Unknown tool");
  }
}

void DemoServer::sleep(const std::string& id, std::int64_t ms) {
  sleeping_.emplace(reactor_.now() + std::chrono::milliseconds(ms), id);
  alarm_.set(sleeping_.begin()->first);
}

void DemoServer::wake() {
  while (!sleeping_.empty() && sleeping_.begin()->first <= reactor_.now()) {
    text_result(sleeping_.begin()->second, "\"Slept.\"", false);
    sleeping_.erase(sleeping_.begin());
  }
  if (!sleeping_.empty()) alarm_.set(sleeping_.begin()->first);
  write();
  stop_if_done();
}

void DemoServer::cancel(ondemand::document& message) {
  std::string_view id;
  if (message["params"]["requestId"].raw_json_token().get(id)) return;
  const std::string wanted = trimmed(id);
  std::erase_if(sleeping_, [&](const auto& sleeper) { return sleeper.second == wanted; });
}

void DemoServer::result(std::string_view id, std::string_view value) {
  writer_.append(
      std::string(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":)").append(value) +
      "}");
}

void DemoServer::text_result(std::string_view id, std::string_view json_string, bool is_error) {
  std::string value = R"({"content":[{"type":"text","text":)";
  value.append(json_string).append(is_error ? R"(}],"isError":true})" : "}]}");
  result(id, value);
}

void DemoServer::error(std::string_view id, int code, std::string_view message) {
  writer_.append(std::string(R"({"jsonrpc":"2.0","id":)").append(id) + R"(,"error":{"code":)" +
                 std::to_string(code) + R"(,"message":")" + std::string(message) + "\"}}");
}

void DemoServer::write() {
  while (!writer_.empty()) {
    const std::string_view bytes = writer_.bytes();
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return reactor_.stop();
    writer_.consume(static_cast<std::size_t>(n));
  }
}

}  // namespace

int main() {
  try {
    DemoServer().run();
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "demo_server: %s\n", error.what());
    return 1;
  }
  return 0;
}
