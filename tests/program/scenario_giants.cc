#include <sys/resource.h>

#include <thread>

#include "tests/support/scenarios.h"

namespace testing {

namespace {

constexpr std::size_t kMaxLine = 64u << 20;

std::string padded(const std::string& begin, const std::string& end, std::size_t size) {
  return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

/// Sends it while what comes is read, as a client does.
std::string exchange(Session& session, const std::string& line) {
  std::thread sender([&] { session.send(line); });
  std::string answer;
  try {
    answer = session.line();
  } catch (...) {
    ::kill(session.gate().pid(), SIGKILL);  // lets the sender end
    sender.join();
    throw;
  }
  sender.join();
  return answer;
}

std::size_t peak_kilobytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::size_t peak = 0;
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") status >> peak;
  }
  return peak;
}

// The server sends each line back with another method: a request comes back as one of the server's
// own, and the answer to that as the answer to the first.
void pass(Session& session, std::size_t size) {
  const std::string begin = R"({"jsonrpc":"2.0","id":1,"method":"m","params":["é )";
  const std::string request = padded(begin, R"( \ud83d"]})", size);
  std::string other = request;
  other.replace(other.find("\"m\""), 3, "\"n\"");
  const std::string back = exchange(session, request);
  const std::size_t behind_id = back.find(',', 22);
  check(behind_id != std::string::npos && back.substr(behind_id) == other.substr(23),
        "a request of " + std::to_string(size) + " bytes was changed");
  const std::string id = back.substr(22, behind_id - 22);
  const std::string answer =
      padded(R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":["é )", R"( \ud83d"]})", size);
  check(exchange(session, answer) ==
            R"({"jsonrpc":"2.0","id":1)" + answer.substr(answer.find(R"(,"result")")),
        "an answer of " + std::to_string(size) + " bytes was changed");
}

}  // namespace

void giants(const Programs& programs) {
  // Not "sed -u", which reads byte by byte: a minute for the giants where the machine is loaded.
  Session session(
      programs, {"--max-line", "64M"},
      Words{"env", "LC_ALL=C", "stdbuf", "-oL", "sed", R"(s/"method":"m"/"method":"n"/)"});
  pass(session, 1000);
  pass(session, kMaxLine - 20);  // wire ids make it longer
  const std::size_t peak = peak_kilobytes(session.gate().pid());
  if (wrap().empty() && !std::getenv("SANITIZED"))
    check(peak < 2 * kMaxLine / 1024 + 8 * 1024, "memory: " + std::to_string(peak) + " KiB");
  const std::string refused = exchange(session, std::string(kMaxLine + 1, 'x'));
  check(refused.starts_with(R"({"jsonrpc":"2.0","error":{"code":-32600,)"),
        "a line that is too long has passed");
  pass(session, 1000);
  session.end();
}

}  // namespace testing
