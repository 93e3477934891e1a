#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "stdiogate/line_writer.h"
#include "stdiogate/observer.h"
#include "stdiogate/reactor.h"
#include "stdiogate/server_end.h"

#include "src/io/line_file.h"
#include "src/report/log.h"
#include "src/report/metrics.h"
#include "src/report/record.h"
#include "src/report/trace.h"

namespace stdiogate {

/// Where trace, record and metrics go; empty: nowhere.
struct FilePaths {
  std::string trace;
  std::string record;
  std::string metrics;
  std::uint64_t limit = 0;  // of trace and record; see LineFile
};

/// The files that show what happens: a trace, a record, metrics. One that cannot be written stops
/// nothing; it is reported once on stderr.
class Files final : public Observer {
 public:
  /// `session` goes into the record, with an id that is made here. `statistics` makes the counts
  /// those of now. Reactor and log must outlive it.
  Files(Reactor& reactor, Log& log, const FilePaths& paths, RecordedSession session,
        std::function<const Statistics&()> statistics);

  void on_event(const Event& event) override;

  /// `number`: the router's for the server, `start`: counts the starts.
  void server_started(std::uint8_t number, std::uint64_t start, pid_t pid);
  void server_ended(std::uint8_t number, const ServerEnd& end);
  /// It serves in place of another.
  void server_replaced(std::uint8_t number, std::uint8_t replaced);
  /// Bytes it has written to its stderr.
  void server_stderr(std::uint8_t number, std::string_view bytes);

  /// Shown each line for the client; empty if nobody wants them. Good as long as this.
  [[nodiscard]] LineTap client_tap() {
    if (!record_) return {};
    return [this](std::string_view line) { record_->maker.client_line(line); };
  }

  /// Writes the lines of this turn; if it wrote less than kFilePause ago, when that is over.
  void end_of_turn();

  /// The gate ends: writes all there is, as far as there is room. Lines that wait for room are
  /// written while turns go on; see `is_done`.
  void end();
  /// Whether no line waits for room.
  [[nodiscard]] bool is_done() const;
  /// The last call: what still waits is lost, and metrics count it.
  void finish();

  /// Lines that could not be written.
  [[nodiscard]] std::uint64_t trace_lost() const { return trace_ ? trace_->file.lost() : 0; }
  [[nodiscard]] std::uint64_t record_lost() const { return record_ ? record_->file.lost() : 0; }

 private:
  /// A file of lines and what makes them. `make`: that, given the file.
  template <class Maker>
  struct Output final : LineFile::Owner {
    template <class Make>
    Output(Files& owner, std::string_view failed, const std::string& path, std::uint64_t limit,
           Make make)
        : files(owner),
          event(failed),
          file(owner.reactor_, *this, path, limit),
          maker(make(file)) {}

    void on_lines_lost(const LineFile& lines, int error) override {
      files.report(event, lines.path(), error);
    }
    [[nodiscard]] std::string lost_line(std::uint64_t lines) override {
      return maker.lost_line(lines);
    }

    Files& files;
    std::string_view event;
    LineFile file;
    Maker maker;
  };

  void report(std::string_view failed, const std::string& path, int error);
  void flush();
  [[nodiscard]] bool wants_flush() const;
  void write_metrics();

  Reactor& reactor_;
  Log& log_;
  std::function<const Statistics&()> statistics_;
  std::optional<Output<Trace>> trace_;
  std::optional<Output<Record>> record_;
  Time flushed_{};
  Reactor::Timer flush_timer_;                    // ends the pause, if lines are queued
  std::map<std::uint8_t, std::uint64_t> starts_;  // by the router's number
  std::string metrics_path_;
  Metrics metrics_;
  Reactor::Timer metrics_timer_;
  bool metrics_failed_ = false;        // the failure has been reported
  std::uint64_t lost_in_metrics_ = 0;  // lines of all files that the metrics count as lost
};

/// What cannot be written, and why, as an errno; 0: nothing.
struct FileError {
  std::string path;
  int error = 0;
};

/// Writes the text to a new file, PATH.new, that takes the place of what `path` leads to; into that
/// if it is no regular file, or a stream that is open already. Waits for nobody.
[[nodiscard]] FileError replace_file(const std::string& path, std::string_view text);

}  // namespace stdiogate
