#include "tests/support/json_values.h"
#include "tests/support/scenarios.h"

// The server is cat: whatever the gate hands to it comes back, so that every line that passes
// passes both ways.
namespace testing {

namespace {

bool fits_a_line(const std::string& value) {
  return value.find('\n') == std::string::npos && value.find('\0') == std::string::npos;
}

std::string request(const std::string& id, const std::string& value) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"m","params":[)" + value + "]}";
}

/// As a request it comes back as the server's own; the answer to that comes back as the answer.
void passes(Session& session, const std::string& value) {
  session.send(request("\"mine\"", value));
  const std::string line = session.line();
  const std::size_t comma = line.find(',', 22);
  check(comma != std::string::npos, "not a request: " + line);
  const std::string wire_id = line.substr(22, comma - 22);
  check(line == request(wire_id, value), "changed: " + line);
  const auto answer = [&](const std::string& id) {
    return R"({"jsonrpc":"2.0","result":)" + value + R"(,"id":)" + id + "}";
  };
  session.send(answer(wire_id));
  const std::string back = session.line();
  check(back == answer("\"mine\""), "changed: " + back);
}

void is_refused(Session& session, const std::string& value) {
  session.send(request("\"mine\"", value));
  const std::string line = session.line();
  check(line.starts_with(R"({"jsonrpc":"2.0","error":{"code":-32700,)"),
        "passed: " + value + " as " + line);
}

}  // namespace

void lines(const Programs& programs) {
  {
    Session session(programs, {}, Words{"cat"});
    for (const std::string& value : stdiogate::valid_json_values()) {
      if (fits_a_line(value)) passes(session, value);
    }
    for (const std::string& value : stdiogate::invalid_json_values()) {
      if (fits_a_line(value)) is_refused(session, value);
    }
    passes(session, "\"the next\"");
    session.end();
  }
  std::string noise;
  for (const std::string& value : stdiogate::invalid_json_values())
    noise += request("1", value) + "\n";
  // All of it on the server's stdout, and then a message.
  const Script file(noise + R"({"jsonrpc":"2.0","method":"after"})" + "\n");
  Session session(programs, {"--server-stderr", "discard"}, Words{"cat", file.path(), "-"});
  check(session.line() == R"({"jsonrpc":"2.0","method":"after"})", "noise has passed");
  passes(session, "\"the next\"");
  session.end();
}

}  // namespace testing
