#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "stdiogate/reactor.h"

#include "src/io/fd.h"

namespace stdiogate {

/// Tells when a file has been changed: written in place, replaced by another, or removed and made
/// again. Changes that follow each other within kQuiet count as one, and as long as there is no
/// such file nothing is told.
class FileWatch {
 public:
  /// `changed` is called from the reactor's turn. Throws std::system_error if its directory cannot
  /// be watched.
  FileWatch(Reactor& reactor, std::string path, std::function<void()> changed);

  static constexpr Duration kQuiet = std::chrono::milliseconds(200);

 private:
  /// What a file is known by; none if it does not exist.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{};
    timespec changed{};  // its mode, too: it may be runnable only now

    bool operator==(const Stamp& other) const;
  };

  [[nodiscard]] bool watch_directories();
  [[nodiscard]] bool watch_in_directory(const std::string& path);
  [[nodiscard]] std::optional<Stamp> stamp() const;
  void on_events();
  void on_quiet();

  Reactor& reactor_;
  std::string path_;
  std::function<void()> changed_;
  Fd inotify_;
  std::set<std::string, std::less<>> names_;  // whose changes count
  std::optional<Stamp> known_;
  Reactor::Watch watch_;
  Reactor::Timer quiet_;
};

}  // namespace stdiogate
