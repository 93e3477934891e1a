#include "src/gate/file_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace stdiogate {

namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE |
                                  IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Fd make_inotify() {
  Fd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) throw std::system_error(errno, std::generic_category(), "inotify_init1");
  return fd;
}

}  // namespace

bool FileWatch::Stamp::operator==(const Stamp& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
         changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
}

FileWatch::FileWatch(Reactor& reactor, std::string path, std::function<void()> changed)
    : reactor_(reactor),
      path_(std::move(path)),
      changed_(std::move(changed)),
      inotify_(make_inotify()),
      known_(stamp()),
      watch_(reactor, inotify_.get(), [this](Ready) { on_events(); }),
      quiet_(reactor, [this] { on_quiet(); }) {
  if (!watch_directories())
    throw std::system_error(errno, std::generic_category(), "watched file '" + path_ + "'");
  watch_.want(Interest::read);
}

// A file that is replaced is another one: its directory tells of both. Where a part of the path is
// a symbolic link its directory tells, too, and so does that of what it all leads to.
bool FileWatch::watch_directories() {
  names_.clear();
  if (!watch_in_directory(path_)) return false;
  for (std::size_t slash = path_.find('/', 1); slash != std::string::npos;
       slash = path_.find('/', slash + 1)) {
    const std::string part = path_.substr(0, slash);
    struct stat info {};
    if (::lstat(part.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) (void)watch_in_directory(part);
  }
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path_.c_str(), nullptr),
                                                         &std::free);
  if (real) (void)watch_in_directory(real.get());
  return true;
}

bool FileWatch::watch_in_directory(const std::string& path) {
  names_.insert(path.substr(path.rfind('/') + 1));
  return ::inotify_add_watch(inotify_.get(), directory_of(path).c_str(), kEvents) >= 0;
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

void FileWatch::on_events() {
  alignas(inotify_event) char events[4096];
  bool ours = false;
  for (ssize_t n = 0; (n = ::read(inotify_.get(), events, sizeof events)) > 0;) {
    for (const char* at = events; at < events + n;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      ours = ours || event.len == 0 || names_.contains(at + sizeof event);
      at += sizeof event + event.len;
    }
  }
  if (ours) quiet_.set(reactor_.now() + kQuiet);
}

void FileWatch::on_quiet() {
  // Its directory may have been made anew, or the link lead elsewhere. Until it is there again
  // there is nobody to tell of it, so it is looked for.
  if (!watch_directories()) return quiet_.set(reactor_.now() + kQuiet);
  const auto current = stamp();
  if (!current || current == known_) return;
  known_ = current;
  changed_();
}

}  // namespace stdiogate
