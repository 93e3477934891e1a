#include "src/gate/server_stderr.h"

#include <algorithm>
#include <utility>

#include "src/json/utf8.h"
#include "src/limits.h"

namespace stdiogate {

ServerStderr::ServerStderr(Reactor& reactor, StderrMode mode, Outlet& pass_to, Log& log, Tap tap)
    : reactor_(reactor), mode_(mode), pass_to_(pass_to), log_(log), tap_(std::move(tap)) {}

ServerStderr::~ServerStderr() {
  if (stream_) end_line();
}

void ServerStderr::connect(Stream stream) {
  stream_ = std::move(stream);
  watch_.emplace(reactor_, stream_.fd(), [this](Ready) { (void)read(); });
  watch_->want(Interest::read);
}

void ServerStderr::end_of_turn() {
  if (!watch_) return;
  const bool may_read = mode_ != StderrMode::pass || pass_to_.has_room();
  watch_->want(may_read ? Interest::read : Interest::nothing);
}

void ServerStderr::drain() {
  for (std::size_t i = 0; i < kMaxDrainReads && read(); ++i) {
  }
}

bool ServerStderr::read() {
  buffer_.resize(kStderrRead);
  const IoResult result = stream_.read(buffer_);
  if (result.kind == IoResult::Kind::done) {
    const std::string_view bytes = std::string_view(buffer_).substr(0, result.bytes);
    if (tap_) tap_(bytes);
    take(bytes);
  } else if (result.kind != IoResult::Kind::would_block) {
    watch_.reset();
    stream_ = {};
    end_line();
  }
  return result.kind == IoResult::Kind::done;
}

/// Nothing more comes: what was begun is a line, too.
void ServerStderr::end_line() {
  if (tap_) tap_("\n");
  if (!line_.empty()) log_line();
}

void ServerStderr::note(std::string_view line, const Secrets& secrets) {
  std::string_view shown = line;
  if (line.size() > kMaxNoise)
    shown = secrets.without_cut_value(json::without_cut_character(line.substr(0, kMaxNoise)));
  take(shown);
  if (line.size() > shown.size())
    take(" [stdiogate: cut, " + std::to_string(line.size()) + " bytes in all]");
  take("\n");
}

void ServerStderr::take(std::string_view bytes) {
  tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), kStderrKept));
  if (tail_.size() > 2 * kStderrKept) tail_.erase(0, tail_.size() - kStderrKept);
  if (mode_ == StderrMode::pass) pass_to_.put(bytes);
  if (mode_ == StderrMode::log) take_for_log(bytes);
}

void ServerStderr::take_for_log(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view part = bytes.substr(0, newline);
    const std::string_view kept = part.substr(0, kMaxLoggedLine - line_.size());
    line_ += kept;
    cut_ += part.size() - kept.size();
    if (newline == std::string_view::npos) return;
    log_line();
    bytes.remove_prefix(newline + 1);
  }
}

void ServerStderr::log_line() {
  std::string_view text = line_;
  std::optional<std::uint64_t> cut;
  if (cut_ > 0) {
    text = json::without_cut_character(text);
    cut = cut_ + (line_.size() - text.size());
  } else if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  log_.write_always(LogLevel::info, "server-stderr", {{"text", text}, {"cutBytes", cut}});
  line_.clear();
  cut_ = 0;
}

}  // namespace stdiogate
