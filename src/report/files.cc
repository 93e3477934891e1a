#include "src/report/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <random>
#include <utility>

#include "src/io/fd.h"
#include "src/io/target.h"
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

std::uint64_t lines_lost(const Statistics& counts) {
  return counts.log_lost + counts.trace_lost + counts.record_lost;
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

}  // namespace

Files::Files(Reactor& reactor, Log& log, const FilePaths& paths, RecordedSession session,
             std::function<const Statistics&()> statistics)
    : reactor_(reactor),
      log_(log),
      statistics_(std::move(statistics)),
      flush_timer_(reactor, [this] { flush(); }),
      metrics_path_(paths.metrics),
      metrics_timer_(reactor, [this] { write_metrics(); }) {
  const TimeText time([&reactor] { return reactor.now(); });
  if (!paths.trace.empty()) {
    trace_.emplace(*this, "trace-failed", paths.trace, paths.limit,
                   [&time](LineFile& file) { return Trace(file, time); });
  }
  if (!paths.record.empty()) {
    session.id = session_id();
    record_.emplace(*this, "record-failed", paths.record, paths.limit, [&](LineFile& file) {
      return Record(
          session, [&file](std::string_view line) { file.put(line); }, time,
          [&file] { file.say_what_is_lost(); });
    });
  }
  if (!metrics_path_.empty()) metrics_timer_.set(reactor.now());
}

void Files::on_event(const Event& event) {
  if (record_) record_->maker.on_event(event);
  if (trace_) trace_->maker.on_event(event);
  if (!metrics_path_.empty()) metrics_.on_event(event);
}

void Files::server_started(std::uint8_t number, std::uint64_t start, pid_t pid) {
  starts_[number] = start;
  if (trace_) trace_->maker.server_started(number, start, pid);
  if (record_) record_->maker.server_started();
}

void Files::server_ended(std::uint8_t number, const ServerEnd& end) {
  if (trace_) trace_->maker.server_ended(number, end);
  if (record_) record_->maker.server_ended(number, starts_[number], end);
}

void Files::server_replaced(std::uint8_t number, std::uint8_t replaced) {
  if (trace_) trace_->maker.server_replaced(number, replaced);
  if (record_) record_->maker.server_replaced(starts_[number], starts_[replaced]);
}

void Files::server_stderr(std::uint8_t number, std::string_view bytes) {
  if (record_) record_->maker.server_stderr(number, bytes);
}

bool Files::wants_flush() const {
  return (trace_ && trace_->file.wants_flush()) || (record_ && record_->file.wants_flush());
}

void Files::end_of_turn() {
  if (flush_timer_.is_set() || !wants_flush()) return;
  const Time next = flushed_ + kFilePause;
  if (reactor_.now() >= next) return flush();
  flush_timer_.set(next);
}

void Files::flush() {
  flushed_ = reactor_.now();
  if (trace_) trace_->file.flush();
  if (record_) record_->file.flush();
}

void Files::end() {
  if (trace_) trace_->maker.end();
  flush();
  if (!metrics_path_.empty()) write_metrics();
}

bool Files::is_done() const {
  return (!trace_ || trace_->file.empty()) && (!record_ || record_->file.empty());
}

void Files::finish() {
  if (trace_) trace_->file.finish();
  if (record_) record_->file.finish();
  if (!metrics_path_.empty() && lines_lost(statistics_()) != lost_in_metrics_) write_metrics();
}

void Files::report(std::string_view failed, const std::string& path, int error) {
  log_.write_to_stderr(LogLevel::error, failed, {{"file", path}, {"reason", errno_text(error)}});
}

void Files::write_metrics() {
  metrics_timer_.set(reactor_.now() + kMetricsInterval);
  const Statistics& counts = statistics_();
  lost_in_metrics_ = lines_lost(counts);
  const FileError failed = replace_file(metrics_path_, metrics_.text(counts));
  if (failed.error != 0 && !metrics_failed_) report("metrics-failed", failed.path, failed.error);
  metrics_failed_ = failed.error != 0;
}

FileError replace_file(const std::string& path, std::string_view text) {
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && is_stdout(info)) return {path, EBUSY};
  const std::string target = target_of(path);
  if (target.empty() || (exists && !S_ISREG(info.st_mode)))
    return {path, write_file(path, O_APPEND, text)};
  const std::string name = target + ".new";
  // Never into what has that name: a link leads elsewhere, an old file has a mode of its own.
  if (::unlink(name.c_str()) != 0 && errno != ENOENT) return {name, errno};
  int error = write_file(name, O_CREAT | O_EXCL, text);
  if (error == 0 && std::rename(name.c_str(), target.c_str()) != 0) error = errno;
  if (error != 0) ::unlink(name.c_str());
  return {path, error};
}

}  // namespace stdiogate
