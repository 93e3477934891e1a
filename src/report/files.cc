#include "src/report/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>
#include <system_error>

#include "src/io/fd.h"
#include "src/limits.h"
#include "src/text.h"

namespace stdiogate {

namespace {

/// Unlike that of any other run.
std::string session_id() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) {
    char digits[9];
    (void)std::snprintf(digits, sizeof digits, "%08x", random());
    id += digits;
  }
  return id;
}

/// `flags`: more for open(2). Returns 0, or why not all of it is written, as an errno.
int write_file(const std::string& path, int flags, std::string_view text) {
  constexpr int kFlags = O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const Fd file(::open(path.c_str(), kFlags | flags, 0644));
  if (!file) return errno;
  while (!text.empty()) {
    const ssize_t n = ::write(file.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : ENOSPC;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

std::string directory() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

}  // namespace

Files::Files(Reactor& reactor, Log& log, const FilePaths& paths,
             const std::vector<std::string>& command, std::function<const Statistics&()> statistics)
    : reactor_(reactor),
      log_(log),
      statistics_(std::move(statistics)),
      wanted_(!paths.trace.empty() || !paths.record.empty() || !paths.metrics.empty()),
      flush_timer_(reactor, [this] { flush(); }),
      metrics_path_(paths.metrics),
      metrics_timer_(reactor, [this] { write_metrics(); }) {
  if (!paths.trace.empty()) {
    trace_file_.emplace(reactor, log, "trace-failed", paths.trace, paths.limit,
                        [this](std::uint64_t lines) { return trace_->lost_line(lines); });
    trace_.emplace(trace_file_->file);
  }
  if (!paths.record.empty()) {
    record_.emplace(
        RecordedSession{.id = session_id(), .command = command, .directory = directory()},
        [this](std::string_view line) { record_file_->file.put(line); });
    record_file_.emplace(reactor, log, "record-failed", paths.record, paths.limit,
                         [this](std::uint64_t lines) { return record_->lost_line(lines); });
  }
  if (!metrics_path_.empty()) metrics_timer_.set(reactor.now());
}

void Files::write(const Event& event) {
  if (record_) record_->on_event(event);
  if (trace_) trace_->on_event(event);
  if (!metrics_path_.empty()) metrics_.on_event(event);
}

void Files::server_started(std::uint8_t number, std::uint64_t start, pid_t pid) {
  starts_[number] = start;
  if (trace_) trace_->server_started(number, start, pid, reactor_.now());
  if (record_) record_->server_started(reactor_.now());
}

void Files::server_ended(std::uint8_t number, const ServerEnd& end) {
  if (trace_) trace_->server_ended(number, end, reactor_.now());
  if (record_) record_->server_ended(number, starts_[number], end, reactor_.now());
}

void Files::server_replaced(std::uint8_t number, std::uint8_t replaced) {
  if (trace_) trace_->server_replaced(number, replaced, reactor_.now());
  if (record_) record_->server_replaced(starts_[number], starts_[replaced], reactor_.now());
}

void Files::server_stderr(std::uint8_t number, std::string_view bytes) {
  if (record_) record_->server_stderr(number, bytes, reactor_.now());
}

bool Files::has_lines() const {
  return (trace_file_ && trace_file_->file.has_lines()) ||
         (record_file_ && record_file_->file.has_lines());
}

void Files::end_of_turn() {
  if (flush_timer_.is_set() || !has_lines()) return;
  const Time next = flushed_ + kFilePause;
  if (reactor_.now() >= next) return flush();
  if (!is_stuck_) flush_timer_.set(next);
}

void Files::flush() {
  flushed_ = reactor_.now();
  if (trace_file_) trace_file_->file.flush();
  if (record_file_) record_file_->file.flush();
  is_stuck_ = has_lines();
}

void Files::end() {
  if (trace_) trace_->end(reactor_.now());
  flush();
  if (!metrics_path_.empty()) write_metrics();
}

void Files::Output::on_lines_lost(const LineFile& lines, int error) {
  log.write_to_stderr(LogLevel::error, event,
                      {{"file", lines.path()}, {"reason", errno_text(error)}});
}

void Files::write_metrics() {
  metrics_timer_.set(reactor_.now() + kMetricsInterval);
  const int error = replace_file(metrics_path_, metrics_.text(statistics_()));
  if (error != 0 && !metrics_failed_)
    log_.write_to_stderr(LogLevel::error, "metrics-failed",
                         {{"file", metrics_path_}, {"reason", errno_text(error)}});
  metrics_failed_ = error != 0;
}

int replace_file(const std::string& path, std::string_view text) {
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && is_stdout(info)) return EBUSY;
  if (exists && !S_ISREG(info.st_mode)) return write_file(path, 0, text);
  const std::string name = path + ".new";
  int error = write_file(name, O_CREAT | O_TRUNC, text);
  if (error == 0 && std::rename(name.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) ::unlink(name.c_str());
  return error;
}

}  // namespace stdiogate
