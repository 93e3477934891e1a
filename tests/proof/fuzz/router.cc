#include "stdiogate/router.h"

#include <array>
#include <cstring>
#include <deque>
#include <string>

#include "stdiogate/message.h"

#include "tests/proof/fuzz/targets.h"

namespace stdiogate::fuzz {

namespace {

using std::chrono::milliseconds;

// The input is what both sides write, and bytes that no UTF-8 has say who writes what follows.
constexpr unsigned char kClient = 0xf8;
constexpr unsigned char kServer = 0xf9;
constexpr unsigned char kTime = 0xfa;    // the byte after it: how much
constexpr unsigned char kEnd = 0xfb;     // the server ends
constexpr unsigned char kWireId = 0xfc;  // the byte after it: which of the last wire ids to write

RouterConfig config_of(unsigned char byte) {
  RouterConfig config;
  config.max_in_flight = 1 + byte % 4;
  config.queue = byte / 4 % 4;
  config.max_line = byte / 16 % 2 == 0 ? 200 : 4096;
  config.timeout = milliseconds(100);
  config.max_timeout = milliseconds(150);
  config.queue_timeout = milliseconds(20);
  config.queue_bytes = 1000;
  return config;
}

class Scene : private Observer {
 public:
  explicit Scene(const RouterConfig& config)
      : config_(config),
        router_(config, to_client_, *this),
        client_(config.max_line),
        server_(config.max_line) {
    router_.connect(0, to_server_, false, now_);
  }

  void play(std::string_view input) {
    bool by_client = true;
    std::string bytes;
    while (!input.empty()) {
      const auto byte = static_cast<unsigned char>(input[0]);
      const auto after = static_cast<unsigned char>(input.size() > 1 ? input[1] : 0);
      input.remove_prefix(1);
      if (byte == kWireId) {
        bytes += std::to_string(wire_ids_.empty() ? 0 : wire_ids_[after % wire_ids_.size()]);
      } else if (byte < kClient) {
        bytes += static_cast<char>(byte);
        continue;
      } else {
        write(by_client, bytes);
        if (byte == kClient || byte == kServer) by_client = byte == kClient;
        if (byte == kTime) pass(milliseconds(after));
        if (byte == kEnd) end();
      }
      if ((byte == kWireId || byte == kTime) && !input.empty()) input.remove_prefix(1);
    }
    write(by_client, bytes);
    end();
    must(router_.in_flight() == 0, "a request is left");
    must(!router_.next_deadline(), "a deadline is left");
    must(opened_ + ended_without_slot_ == ended_, "a request has no outcome, or two");
  }

 private:
  void write(bool by_client, std::string& bytes) {
    LineReader& reader = by_client ? client_ : server_;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const auto room = reader.room();
      const std::size_t n = std::min(room.size(), rest.size());
      std::memcpy(room.data(), rest.data(), n);
      reader.commit(n);
      rest.remove_prefix(n);
      for (bool all = false; !all; check())
        all = by_client ? router_.client_lines(reader, now_) : router_.server_lines(reader, now_);
    }
    bytes.clear();
  }

  void pass(Duration by) {
    now_ += by;
    router_.advance(now_);
    const auto next = router_.next_deadline();
    must(!next || *next > now_, "the next deadline has passed already");
    check();
  }

  void end() {
    router_.end(server_exited_error({}, "", true), server_exited_error({}, "", false), now_);
    check();
  }

  /// What came out is messages, and there are no more open than may be.
  void check() {
    check_lines(to_server_, true);
    check_lines(to_client_, false);
    must(router_.in_flight() <= config_.max_in_flight + Router::kReserve, "too many are open");
    must(router_.awaited() <= router_.in_flight() + config_.queue, "too many wait");
  }

  void check_lines(LineWriter& writer, bool to_server) {
    const std::string out(writer.bytes());
    writer.clear();
    for (std::string_view rest = out; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
      must(!blank || to_server, "a blank line went to the client");
      if (blank) continue;
      const MessageKind kind = parser_.parse(line).kind;
      must(kind != MessageKind::invalid, "what was forwarded is no message");
      must(kind != MessageKind::batch || !to_server, "an array was forwarded");
    }
  }

  void on_event(const Event& event) override {
    if (event.from_server) return;
    const bool opened = event.kind == EventKind::request_opened;
    opened_ += opened;
    if (opened) wire_ids_.push_front(event.wire_id);
    if (wire_ids_.size() > 16) wire_ids_.pop_back();
    const bool ended = event.kind == EventKind::request_ended;
    ended_ += ended;
    ended_without_slot_ += ended && event.wire_id == 0;
  }

  RouterConfig config_;
  LineWriter to_server_;
  LineWriter to_client_;
  Router router_;
  LineReader client_;
  LineReader server_;
  MessageParser parser_;
  Time now_{std::chrono::hours(1)};
  std::deque<std::uint64_t> wire_ids_;  // of the last requests, the newest first
  std::uint64_t opened_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t ended_without_slot_ = 0;
};

}  // namespace

void router(std::string_view input) {
  if (input.empty()) return;
  Scene scene(config_of(static_cast<unsigned char>(input[0])));
  scene.play(input.substr(1));
}

}  // namespace stdiogate::fuzz
