#include "src/gate/server_stderr.h"

#include <cstring>
#include <string>

#include "src/json/utf8.h"
#include "src/limits.h"

namespace stdiogate {

namespace {

constexpr std::size_t kMaxLoggedLine = 8 * 1024;
constexpr int kMaxDrainReads = 16;  // a pipe's worth and more; whoever floods it is not waited for

}  // namespace

ServerStderr::ServerStderr(Reactor& reactor, StderrMode mode, Outlet& pass_to, Log& log)
    : reactor_(reactor), mode_(mode), pass_to_(pass_to), log_(log), lines_(kMaxLoggedLine) {}

void ServerStderr::connect(Stream stream) {
  watch_.reset();
  tail_.clear();
  lines_ = LineReader(kMaxLoggedLine);
  stream_ = std::move(stream);
  watch_.emplace(reactor_, stream_.fd(), [this](Ready) { (void)read(); });
  watch_->want(Interest::read);
}

void ServerStderr::drain() {
  for (int i = 0; i < kMaxDrainReads && read(); ++i) {
  }
}

bool ServerStderr::read() {
  buffer_.resize(LineReader::kChunk);
  const IoResult result = stream_.read(buffer_);
  if (result.kind == IoResult::Kind::done) {
    take(std::string_view(buffer_).substr(0, result.bytes));
  } else if (result.kind != IoResult::Kind::would_block) {
    watch_.reset();
    stream_ = {};
    lines_.end();
    log_lines();
  }
  return result.kind == IoResult::Kind::done;
}

void ServerStderr::note(std::string_view line) {
  const std::string_view shown = json::without_cut_character(line.substr(0, kMaxNoise));
  take(shown);
  if (line.size() > shown.size())
    take(" [stdiogate: cut, " + std::to_string(line.size()) + " bytes in all]");
  take("\n");
}

void ServerStderr::take(std::string_view bytes) {
  tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), kStderrRoom));
  if (tail_.size() > 2 * kStderrRoom) tail_.erase(0, tail_.size() - kStderrRoom);
  if (mode_ == StderrMode::pass) pass_to_.put(bytes);
  if (mode_ != StderrMode::log) return;
  while (!bytes.empty()) {
    const auto room = lines_.room();
    const std::size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    lines_.commit(n);
    bytes.remove_prefix(n);
    log_lines();
  }
}

void ServerStderr::log_lines() {
  while (const auto line = lines_.next())
    log_.write_always(LogLevel::info, "server-stderr", {{"text", line->bytes}});
}

}  // namespace stdiogate
