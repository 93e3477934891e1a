#include "tests/support/marked.h"
#include "tests/support/scenarios.h"

namespace testing {

namespace {

using namespace std::chrono_literals;

// Far above the one second that is promised, far below the grace.
constexpr auto kSoon = 10s;

/// A server that is hard to end, as a shell command.
struct Server {
  const char* name;
  std::string command;
  bool ends_anyway = false;  // the gate takes the ladder without being told to
};

std::vector<Server> servers() {
  // A line on stderr says when it is so.
  const std::string ready = "echo ready >&2; ";
  return {
      {"ignores SIGTERM", "trap '' TERM HUP; " + ready + "exec sleep 1000"},
      {"has closed its stdout and lives", "exec >&-; " + ready + "exec sleep 1000", true},
      {"has children that hold its pipes",
       "exec 3<&0; sleep 1000 <&3 & setsid sleep 1000 <&3 & " + ready + "exec cat >/dev/null"},
      {"has stopped itself",
       "(until grep -q '^State:.T' /proc/$$/status; do :; done; " + ready + ") & kill -STOP $$"},
      {"is a launcher that has exited",
       "exec 3<&0; sh -c 'until read -r _ _ _ parent _ </proc/$$/stat; [ $parent != $1 ]; do :; "
       "done; " +
           ready + "cat >/dev/null; exit' sh $$ <&3 & exit 0"},
      {"floods its stdout", ready + "exec yes '{\"jsonrpc\":\"2.0\",\"method\":\"flood\"}'"},
      {"does not read its stdin", ready + "exec sleep 1000"},
  };
}

enum class End { sigterm, client_closes, reader_gone };
constexpr const char* kEnds[] = {"SIGTERM", "the client closes", "the reader is gone"};

/// More than a pipe holds: the gate has to keep some of it when the server reads nothing.
std::string much() {
  std::string lines = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}\n";
  while (lines.size() < 100'000)
    lines += "{\"jsonrpc\":\"2.0\",\"method\":\"a notification that takes some room\"}\n";
  return lines;
}

void take_end(End end, Gate& gate) {
  switch (end) {
    case End::sigterm: return gate.signal(SIGTERM);
    case End::client_closes: return gate.close_in();
    case End::reader_gone: return gate.close_out();
  }
}

/// Reads all that still comes; whether the open request is answered with an error of the gate's.
bool is_told(Gate& gate, const std::string& code) {
  peer::LineSource out(gate.out(), kPatience);
  bool told = false;
  while (const auto line = out.next())
    told = told || line->starts_with(R"({"jsonrpc":"2.0","id":1,"error":{"code":)" + code);
  return told;
}

void run(const Programs& programs, const Server& server, End end) {
  const std::string mark = std::to_string(::getpid()) + " " + server.name;
  Words argv = wrap();
  argv.push_back(programs.gate);
  // Requests stay open when the client has closed: it is their timeout that ends one which is never
  // answered.
  if (end != End::sigterm) argv.insert(argv.end(), {"--grace", "50ms", "--timeout", "50ms"});
  for (const char* word :
       {"--restart", "never", "--drain", "50ms", "--log-level", "error", "--", "sh", "-c"})
    argv.emplace_back(word);
  argv.push_back(server.command);
  std::optional<Mark> marking(mark);
  Gate gate(argv);
  marking.reset();
  for (peer::LineSource err(gate.err(), kPatience); err.next() != "ready";) {
  }
  const std::string lines = much();
  check(::write(gate.in(), lines.data(), lines.size()) > 0, "write to the gate");
  const auto by = std::chrono::steady_clock::now() + kSoon;
  take_end(end, gate);
  const char* code = server.ends_anyway ? "-3100" : end == End::client_closes ? "-3100" : "-31004";
  check(end == End::reader_gone || is_told(gate, code), "the open request is not answered");
  const int status = gate.wait();
  check(std::chrono::steady_clock::now() < by, "it takes too long");
  const int expected = end == End::sigterm ? 128 + SIGTERM : 0;
  check(status == expected || (server.ends_anyway && status == 128 + SIGTERM),
        "status " + std::to_string(status));
  while (!marked(mark).empty())
    check(std::chrono::steady_clock::now() < by, "processes are left");
}

}  // namespace

void ladder(const Programs& programs) {
  for (const Server& server : servers()) {
    for (const End end : {End::sigterm, End::client_closes, End::reader_gone}) {
      try {
        run(programs, server, end);
      } catch (const std::exception& error) {
        throw std::runtime_error(std::string("the server ") + server.name + ", " +
                                 kEnds[static_cast<std::size_t>(end)] + ": " + error.what());
      }
    }
  }
}

}  // namespace testing
