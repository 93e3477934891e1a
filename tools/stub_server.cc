// A server that follows a script, for tests of the gate: stub_server FILE...
//
// With several files the first start follows the first one, the second start the second, and all
// later starts the last. $STUB_STARTS names a file that counts the starts, a byte each.
//
// Its own commands, beside those of peer.h:
//
//     wait N                  read lines until N requests are open
//     answer ORDER [SEED]     answer all open requests, in-order, reversed or shuffled; the result
//                             holds the `marker` of the request's params
//     answer-error CODE TEXT  answer the oldest open request with an error
//     serve                   answer every request at once, until the other side closes
//     serve-windows N SEED    whenever N requests are open answer them, shuffled, until the other
//                             side closes
//     obey                    treat each request as its method says, until the other side closes:
//                             answer, error, twice (two answers), late (an answer once it has been
//                             cancelled), nothing
//     stderr TEXT             write TEXT and a newline to stderr
//     ignore SIGNAL           from now on
//     close-stdout
//     close-stdin
//     pause                   do nothing more until a signal ends it
//     wait-end                read and discard everything until the other side closes
//     exit STATUS
//     kill SIGNAL             end itself by this signal
//
// It ends with status 0 after the last line, and with 90 when a line is not what the script
// expects.

#include <fcntl.h>
#include <signal.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "tools/peer.h"

namespace {

constexpr int kFailed = 90;

struct Waiting {
  std::string id;      // JSON text
  std::string marker;  // JSON text
};

class StubServer final : public peer::Peer {
 public:
  StubServer() : Peer(STDIN_FILENO, STDOUT_FILENO, std::chrono::hours(1)) {}

 private:
  bool run_special(std::string_view command, std::string_view rest) override;
  bool run_process_command(std::string_view command, std::string_view rest);
  void note(const std::string& line);
  void wait(std::size_t count);
  void answer(std::string_view order, std::string_view seed);
  void answer_one(const Waiting& request);
  void serve(std::size_t window, std::string_view seed);
  void obey(const std::string& line);

  simdjson::ondemand::parser parser_;
  std::deque<Waiting> waiting_;
  std::set<std::string> late_;  // ids of requests to answer when they are cancelled
};

bool StubServer::run_special(std::string_view command, std::string_view rest) {
  if (command == "wait") {
    wait(peer::number(rest));
  } else if (command == "answer") {
    const std::string_view order = peer::take_word(rest);
    answer(order, rest);
  } else if (command == "answer-error") {
    const std::string code(peer::take_word(rest));
    if (waiting_.empty()) throw std::runtime_error("no request waits");
    send(R"({"jsonrpc":"2.0","id":)" + waiting_.front().id + R"(,"error":{"code":)" + code +
         R"(,"message":")" + std::string(rest) + "\"}}\n");
    waiting_.pop_front();
  } else if (command == "serve") {
    serve(1, "");
  } else if (command == "serve-windows") {
    const std::size_t window = peer::number(peer::take_word(rest));
    serve(window, rest);
  } else if (command == "obey") {
    while (const auto line = in().next())
      obey(*line);
  } else {
    return run_process_command(command, rest);
  }
  return true;
}

bool StubServer::run_process_command(std::string_view command, std::string_view rest) {
  if (command == "stderr") {
    (void)std::fprintf(stderr, "%s\n", substituted(rest).c_str());
  } else if (command == "ignore") {
    ::signal(peer::signal_number(rest), SIG_IGN);
  } else if (command == "close-stdout") {
    ::close(STDOUT_FILENO);
  } else if (command == "close-stdin") {
    ::close(STDIN_FILENO);
  } else if (command == "pause") {
    for (;;)
      ::pause();
  } else if (command == "wait-end") {
    while (in().next()) {
    }
  } else if (command == "exit") {
    std::exit(static_cast<int>(peer::number(rest)));
  } else if (command == "kill") {
    ::raise(peer::signal_number(rest));
  } else {
    return false;
  }
  return true;
}

/// Keeps the line's id and marker if it is a request.
void StubServer::note(const std::string& line) {
  const simdjson::padded_string padded(line);
  auto document = parser_.iterate(padded);
  std::string_view id;
  if (document["method"].error() || document["id"].raw_json_token().get(id)) return;
  Waiting request{.id = std::string(id), .marker = "null"};
  request.id.erase(request.id.find_last_not_of(" \t\r") + 1);
  std::string_view marker;
  if (!document["params"]["marker"].raw_json_token().get(marker)) {
    request.marker = marker;
    request.marker.erase(request.marker.find_last_not_of(" \t\r") + 1);
  }
  waiting_.push_back(std::move(request));
}

void StubServer::wait(std::size_t count) {
  while (waiting_.size() < count)
    note(next_line());
}

void StubServer::answer(std::string_view order, std::string_view seed) {
  if (order == "reversed") {
    std::reverse(waiting_.begin(), waiting_.end());
  } else if (order == "shuffled") {
    std::mt19937 random(static_cast<unsigned>(seed.empty() ? 1 : peer::number(seed)));
    std::shuffle(waiting_.begin(), waiting_.end(), random);
  } else if (order != "in-order") {
    throw std::runtime_error("no such order");
  }
  while (!waiting_.empty()) {
    answer_one(waiting_.front());
    waiting_.pop_front();
  }
}

void StubServer::answer_one(const Waiting& request) {
  send(R"({"jsonrpc":"2.0","id":)" + request.id + R"(,"result":{"marker":)" + request.marker +
       "}}\n");
}

void StubServer::serve(std::size_t window, std::string_view seed) {
  while (const auto line = in().next()) {
    note(*line);
    if (waiting_.size() == window) answer(window > 1 ? "shuffled" : "in-order", seed);
  }
}

void StubServer::obey(const std::string& line) {
  const auto says = [&](std::string_view method) {
    return line.find("\"method\":\"" + std::string(method) + "\"") != std::string::npos;
  };
  if (says("notifications/cancelled")) {
    const std::size_t at = line.find("\"requestId\":") + 12;
    const std::string id = line.substr(at, line.find_first_not_of("0123456789", at) - at);
    if (late_.erase(id) > 0) answer_one({.id = id, .marker = "\"late\""});
    return;
  }
  note(line);
  if (waiting_.empty()) return;
  const Waiting request = waiting_.front();
  if (says("error")) return (void)run_special("answer-error", "-1 no");
  waiting_.pop_front();
  if (says("answer") || says("twice")) answer_one(request);
  if (says("twice")) answer_one(request);
  if (says("late")) late_.insert(request.id);
}

/// Which start this is, from 1 on.
int count_start() {
  const char* path = std::getenv("STUB_STARTS");
  const int fd = path ? ::open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
  if (fd < 0 || ::write(fd, ".", 1) != 1) throw std::runtime_error("$STUB_STARTS is no file");
  const off_t size = ::lseek(fd, 0, SEEK_CUR);
  ::close(fd);
  return static_cast<int>(size);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    (void)std::fprintf(stderr, "usage: stub_server FILE...\n");
    return 2;
  }
  try {
    const char* script = argv[argc == 2 ? 1 : std::min(count_start(), argc - 1)];
    StubServer server;
    server.run(script, peer::contents(script));
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "stub_server: %s\n", error.what());
    return kFailed;
  }
  return 0;
}
