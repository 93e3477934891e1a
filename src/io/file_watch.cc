#include "src/io/file_watch.h"

#include <utility>

#include "src/limits.h"

namespace stdiogate {

namespace {

Duration since_epoch(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

FileWatch::FileWatch(Reactor& reactor, std::string path, std::function<void()> changed)
    : reactor_(reactor),
      path_(std::move(path)),
      changed_(std::move(changed)),
      reported_(stamp()),
      last_(reported_),
      timer_(reactor, [this] { look(); }) {
  timer_.set(reactor_.now() + kWatchInterval);
}

std::optional<FileWatch::Stamp> FileWatch::stamp() const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) return std::nullopt;
  return Stamp{.device = info.st_dev,
               .inode = info.st_ino,
               .size = info.st_size,
               .modified = since_epoch(info.st_mtim),
               .changed = since_epoch(info.st_ctim)};
}

void FileWatch::look() {
  timer_.set(reactor_.now() + kWatchInterval);
  const auto current = stamp();
  const bool at_rest = current == std::exchange(last_, current);
  if (!current || !at_rest || current == reported_) return;
  reported_ = current;
  changed_();
}

}  // namespace stdiogate
