#include "src/gate/file_watch.h"

#include <utility>

#include "src/limits.h"

namespace stdiogate {

bool FileWatch::Stamp::operator==(const Stamp& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
         changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
}

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
               .modified = info.st_mtim,
               .changed = info.st_ctim};
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
