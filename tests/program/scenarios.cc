// The scenarios that are too long for a script, against the built program:
// scenarios PROGRAM STUB_SERVER
//
// $WRAP, if set, is put in front of the program; memory is then not compared.

#include "tests/support/scenarios.h"

#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <string>

#include "tests/support/session.h"

namespace {

using testing::check;
using testing::Programs;
using testing::Session;

/// The n-th of many ids of all kinds; no two are the same.
std::string id_of_any_kind(std::size_t n) {
  const std::string number = std::to_string(n);
  switch (n % 9) {
    case 0: return number;
    case 1: return '"' + number + '"';
    case 2: return "-" + number;
    case 3: return number + ".50";
    case 4: return "1234567890123456789" + std::to_string(1000 + n);
    case 5: return "\"" + number + std::string(1000, 'i') + "\"";
    case 6: return "\"\\\"" + number + "\\u00e9\\ud83d \\\\\"";
    case 7: return "\"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 " + number + "\"";
    default: return number + "e300";
  }
}

// 1,000 requests, as many in flight as may be, answered shuffled: every answer carries the marker
// of its own request.
void correlation(const Programs& programs) {
  constexpr std::size_t kRequests = 1000;
  constexpr std::size_t kInFlight = 100;
  Session session(programs, {}, "serve-windows 100 42\n");
  std::map<std::string, std::size_t> open;  // id to marker
  std::size_t sent = 0;
  for (std::size_t answered = 0; answered < kRequests; ++answered) {
    for (; sent < kRequests && open.size() < kInFlight; ++sent) {
      const std::string id = id_of_any_kind(sent);
      check(open.emplace(id, sent).second, "an id was used twice");
      session.request(id, "m", sent);
    }
    const std::string line = session.line();
    const std::size_t at = line.find(R"(,"result":{"marker":)");
    check(at != std::string::npos, "no result: " + line);
    const std::string id = line.substr(22, at - 22);
    const auto request = open.find(id);
    check(request != open.end(), "an answer nobody waits for: " + line);
    check(line.substr(at + 20) == std::to_string(request->second) + "}}",
          "another's marker: " + line);
    open.erase(request);
  }
  session.end();
}

struct Resources {
  std::size_t descriptors = 0;
  std::size_t kilobytes = 0;
};

Resources resources_of(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  Resources used;
  for (const auto& entry : std::filesystem::directory_iterator(proc + "/fd"))
    used.descriptors += entry.exists() || true;
  std::ifstream status(proc + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> used.kilobytes;
  }
  return used;
}

std::string number_behind(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\"" + name + "\":");
  check(at != std::string::npos, "no " + name + " in " + text);
  const std::size_t begin = at + name.size() + 3;
  return text.substr(begin, text.find_first_of(",}", begin) - begin);
}

// 100,000 requests with errors, timeouts, cancels, late and second answers among them: nothing is
// left of any of them.
void clean_up(const Programs& programs) {
  constexpr std::size_t kRequests = 100'000;
  constexpr std::size_t kInFlight = 60;
  Session session(
      programs,
      {"--log-level", "error", "--timeout-for", "late=5ms", "--timeout-for", "nothing=5ms"},
      "obey\n");
  std::mt19937 random(6);
  std::set<std::string> open;
  std::size_t sent = 0;
  std::size_t cancelled = 0;
  std::size_t timeouts = 0;
  Resources early;
  while (sent < kRequests || !open.empty()) {
    for (; sent < kRequests && open.size() < kInFlight; ++sent) {
      const std::string id = std::to_string(sent);
      const auto dice = random() % 100;
      const char* method = dice < 90   ? "answer"
                           : dice < 93 ? "error"
                           : dice < 95 ? "twice"
                           : dice < 96 ? "late"
                           : dice < 97 ? "nothing"
                                       : "forever";
      session.request(id, method, sent);
      if (dice < 97) {
        open.insert(id);
      } else {
        session.send(
            R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
            "}}");
        ++cancelled;
      }
    }
    if (open.empty()) break;
    const std::string line = session.line();
    const std::size_t end = line.find(',', 22);
    check(open.erase(line.substr(22, end - 22)) == 1, "an answer nobody waits for: " + line);
    timeouts += line.find("-31002") != std::string::npos;
    if (sent >= 1000 && early.descriptors == 0) early = resources_of(session.gate().pid());
  }
  const std::string statistics = session.statistics();
  check(number_behind(statistics, "inFlight") == "0", "slots are taken: " + statistics);
  check(number_behind(statistics, "requests") == std::to_string(kRequests), statistics);
  check(number_behind(statistics, "cancelled") == std::to_string(cancelled), statistics);
  check(number_behind(statistics, "timedOut") == std::to_string(timeouts), statistics);
  check(timeouts > 1000 && cancelled > 2000, "too few timeouts or cancels to mean anything");
  const Resources late = resources_of(session.gate().pid());
  check(late.descriptors == early.descriptors, "descriptors are left open");
  if (testing::wrap().empty() && !std::getenv("SANITIZED")) {
    check(late.kilobytes <= early.kilobytes + 256, "memory grew from " +
                                                       std::to_string(early.kilobytes) + " to " +
                                                       std::to_string(late.kilobytes) + " KiB");
  }
  session.request("\"the next\"", "answer", 1);
  check(session.line() == R"({"jsonrpc":"2.0","id":"the next","result":{"marker":1}})",
        "the next request is not served");
  session.end();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    (void)std::fprintf(stderr, "usage: scenarios PROGRAM STUB_SERVER\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  const Programs programs{.gate = argv[1], .stub = argv[2]};
  const std::pair<const char*, void (*)(const Programs&)> scenarios[] = {
      {"correlation", correlation},  {"clean-up", clean_up},
      {"giants", testing::giants},   {"ladder", testing::ladder},
      {"streams", testing::streams}, {"slow-reader", testing::slow_reader},
  };
  int passed = 0;
  int failed = 0;
  for (const auto& [name, run] : scenarios) {
    try {
      run(programs);
      ++passed;
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAIL %s\n  %s\n", name, error.what());
    }
  }
  std::printf("scenarios: %d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
