#pragma once

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>

#include "stdiogate/reactor.h"

namespace stdiogate {

/// Reports when a file has been changed: written in place, replaced by another, or removed and made
/// again. It looks at the path every kWatchInterval, which follows links and replaced directories
/// by itself, and on every file system. A file that still changes from one look to the next, or is
/// missing, is not reported yet.
class FileWatch {
 public:
  /// `changed` is called from the reactor's turn.
  FileWatch(Reactor& reactor, std::string path, std::function<void()> changed);

 private:
  /// What a file is known by.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    Duration modified{};
    Duration changed{};  // its mode, too: it may be runnable only now

    bool operator==(const Stamp&) const = default;
  };

  [[nodiscard]] std::optional<Stamp> stamp() const;
  void look();

  Reactor& reactor_;
  std::string path_;
  std::function<void()> changed_;
  std::optional<Stamp> reported_;  // none: there was no such file
  std::optional<Stamp> last_;
  Reactor::Timer timer_;
};

}  // namespace stdiogate
