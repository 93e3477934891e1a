#include "file_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
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
         modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec;
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

// A file that is replaced is another one: its directory tells of both. Where the path is a symbolic
// link the directory of what it leads to tells, too.
bool FileWatch::watch_directories() {
  if (::inotify_add_watch(inotify_.get(), directory_of(path_).c_str(), kEvents) < 0) return false;
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path_.c_str(), nullptr),
                                                         &std::free);
  if (real) (void)::inotify_add_watch(inotify_.get(), directory_of(real.get()).c_str(), kEvents);
  return true;
}

std::optional<FileWatch::Stamp> FileWatch::stamp() const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) return std::nullopt;
  return Stamp{
      .device = info.st_dev, .inode = info.st_ino, .size = info.st_size, .modified = info.st_mtim};
}

void FileWatch::on_events() {
  alignas(inotify_event) char events[4096];
  while (::read(inotify_.get(), events, sizeof events) > 0) {
  }
  quiet_.set(reactor_.now() + kQuiet);
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
