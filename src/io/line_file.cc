#include "src/io/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "src/io/target.h"
#include "src/limits.h"
#include "src/text.h"

namespace stdiogate {

namespace {

/// Whether the last byte is no newline, as far as that can be read.
bool ends_in_line(const std::string& path, off_t size) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  char last = '\n';
  return file && ::pread(file.get(), &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

LineFile::LineFile(Reactor& reactor, Owner& owner, std::string path, std::uint64_t limit)
    : reactor_(reactor), owner_(owner), path_(std::move(path)), limit_(limit) {}

int LineFile::open() {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  Fd file(::open(path_.c_str(), kFlags, 0600));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return errno;
  if (is_stdout(info)) return EBUSY;
  // A second open file description would write over what stderr has written.
  if (S_ISREG(info.st_mode) && leads_to(STDERR_FILENO, info))
    file.reset(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
  if (!file) return errno;
  const bool is_known = info.st_dev == device_ && info.st_ino == inode_;
  if (!is_known) in_line_ = info.st_size > 0 && ends_in_line(path_, info.st_size);
  room_.reset();
  file_ = std::move(file);
  target_ = target_of(path_);
  is_regular_ = S_ISREG(info.st_mode) && !target_.empty();
  device_ = info.st_dev;
  inode_ = info.st_ino;
  size_ = static_cast<std::uint64_t>(info.st_size);
  looked_ = reactor_.now();
  std::string_view newline = in_line_ && !is_over(1) ? "\n" : "";
  const int error = write(newline);
  if (error != 0) file_.reset();
  return error;
}

void LineFile::put(std::string_view line) {
  if (!is_ready()) return lose(1, EAGAIN);
  make_room(line.size());
  if (!file_) return lose(1, EAGAIN);
  std::memcpy(begin_line(line.size()), line.data(), line.size());
  end_ += line.size();
}

char* LineFile::begin_line(std::size_t n) {
  if (taken_ > 0 && taken_ >= queued()) {
    queue_.erase(0, taken_);
    end_ -= std::exchange(taken_, 0);
  }
  if (queue_.size() < end_ + n) queue_.resize(end_ + n);
  return queue_.data() + end_;
}

void LineFile::end_line(const char* end) {
  const std::string_view line(queue_.data() + end_, end);
  const bool is_told = !empty() || said_ == lost_;
  if (!file_ || !is_told || queued() >= kFileRoom || is_over(line.size()))
    return put(std::string(line));
  end_ += line.size();
}

/// Whether it is open and its queue has room. Says what was lost as soon as that can be said.
bool LineFile::is_ready() {
  if (!file_ && (reactor_.now() < next_try_ || !open_again())) return false;
  if (queued() >= kFileRoom) flush();
  if (!file_ || queued() >= kFileRoom) return false;
  return said_ == lost_ || !empty() || say_loss();
}

bool LineFile::open_again() {
  const int error = open();
  if (error != 0) fail(error);
  return error == 0;
}

bool LineFile::say_loss() {
  const std::uint64_t lost = lost_;
  const std::string line = owner_.lost_line(lost - said_);
  make_room(line.size());
  if (!file_) return false;
  std::string_view rest = line;
  const int error = write(rest);
  if (error == EAGAIN && rest.size() == line.size()) return false;
  if (error != 0) {
    fail(error);
    return false;
  }
  said_ = lost;
  is_losing_ = false;
  room_.reset();
  return true;
}

void LineFile::flush() {
  if (!file_ || !wants_flush()) return;
  if (reactor_.now() - looked_ >= kFileTry) look();
  if (file_) write_queue();
}

void LineFile::write_queue() {
  std::string_view rest(queue_.data() + taken_, queued());
  int error = write(rest);
  taken_ = end_ - rest.size();
  if (empty()) taken_ = end_ = 0;
  if (empty() && queue_.capacity() > 2 * kFileRoom) give_back(queue_);
  if (error != EAGAIN) room_.reset();
  if (error == EAGAIN) error = watch_room();
  if (error != 0) fail(error);
}

/// A reader that takes lines again is told what it has missed, though no other may come for long.
void LineFile::on_room() {
  if (empty()) return (void)say_loss();
  write_queue();
  if (!file_ || !empty() || said_ == lost_) return;
  const int error = watch_room();
  if (error != 0) fail(error);
}

/// Returns 0, or why the kernel does not tell when there is room.
int LineFile::watch_room() {
  if (room_) return 0;
  try {
    room_.emplace(reactor_, file_.get(), [this](Ready) { on_room(); });
    room_->want(Interest::write);
    return 0;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

void LineFile::finish() {
  flush();
  if (!empty()) fail(EAGAIN);
  if (said_ == lost_) return;
  next_try_ = {};
  say_what_is_lost();
}

/// The name may lead to another file by now, or to none.
void LineFile::look() {
  looked_ = reactor_.now();
  struct stat info {};
  if (!is_regular_) return;
  if (::stat(path_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_) {
    size_ = static_cast<std::uint64_t>(info.st_size);  // others may write here, or shorten it
  } else {
    (void)open_again();
  }
}

/// Whether a line of `n` bytes would take the file over the limit.
bool LineFile::is_over(std::size_t n) const {
  const std::uint64_t size = size_ + queued();
  return file_ && is_regular_ && limit_ > 0 && size > 0 && size + n > limit_;
}

/// Moves the file to FILE.1 if a line of `n` bytes would take it over the limit.
void LineFile::make_room(std::size_t n) {
  if (!is_over(n)) return;
  flush();
  // Another gate may have moved it already: its new file must not replace FILE.1.
  if (file_) look();
  if (!is_over(n)) return;
  const bool moved = std::rename(target_.c_str(), (target_ + ".1").c_str()) == 0;
  if (!moved) return fail(errno);
  (void)open_again();
}

/// Writes as far as it goes. Returns 0, or why there is a rest.
int LineFile::write(std::string_view& bytes) {
  const std::string_view all = bytes;
  for (std::size_t last = 0; !bytes.empty();) {
    const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n < 0 ? errno : ENOSPC;
      cut_half_line(all.substr(0, all.size() - bytes.size()), last);
      return error;
    }
    last = static_cast<std::size_t>(n);
    in_line_ = bytes[last - 1] != '\n';
    size_ += last;
    bytes.remove_prefix(last);
  }
  return 0;
}

/// Cuts off the half line that `written` ends with, so that no reader meets it. It stays where the
/// file cannot be cut, where others have written behind it, and where they may have written within
/// it: it is longer than the `last` write. Then the next line begins with a newline.
void LineFile::cut_half_line(std::string_view written, std::size_t last) {
  const std::size_t half = written.size() - (written.rfind('\n') + 1);
  if (half == 0 || half > last || !is_regular_) return;
  const off_t end = ::lseek(file_.get(), 0, SEEK_CUR);  // of our last write
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0 || info.st_size != end) return;
  if (::ftruncate(file_.get(), end - static_cast<off_t>(half)) != 0) return;
  in_line_ = false;
}

void LineFile::lose(std::uint64_t lines, int error) {
  lost_ += lines;
  if (!std::exchange(is_losing_, true)) owner_.on_lines_lost(*this, error);
}

void LineFile::fail(int error) {
  room_.reset();
  file_.reset();
  next_try_ = reactor_.now() + kFileTry;
  const auto lines = std::count(queue_.data() + taken_, queue_.data() + end_, '\n');
  taken_ = end_ = 0;
  lose(static_cast<std::uint64_t>(lines), error);
}

}  // namespace stdiogate
