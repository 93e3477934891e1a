#include "src/gate/proxy.h"

#include <signal.h>

#include "src/limits.h"
#include "src/report/event_log.h"
#include "src/text.h"

namespace stdiogate {

Proxy::Proxy(const Options& options, Reactor& reactor, Launcher& launcher, Log& log, Outlet& err)
    : options_(options),
      reactor_(reactor),
      log_(log),
      err_(err),
      counter_(options.router.max_in_flight + Router::kReserve),
      files_(reactor, log,
             {.trace = options.trace,
              .record = options.record,
              .metrics = options.metrics_file,
              .limit = options.file_limit},
             {.command = options.server.argv, .directory = options.server.directory},
             [this]() -> const Statistics& { return counts(); }),
      client_(reactor, *this),
      router_(options.router, client_.writer(), *this),
      shared_{.options = options,
              .reactor = reactor,
              .launcher = launcher,
              .router = router_,
              .client = client_,
              .err = err,
              .log = log,
              .counts = counter_.counts(),
              .secrets = secrets_,
              .files = files_},
      from_client_(reactor, *this, options.router.max_line),
      servers_(shared_),
      request_timer_(reactor, [this] { overdue_since_ = overdue_since_.value_or(reactor_.now()); }),
      end_timer_(reactor, [this] { on_end_timer(); }),
      file_timer_(reactor, [this] { on_file_timer(); }),
      silence_timer_(reactor, [this] { on_silence(); }) {
  for (const std::string& path : options.watched) {
    file_watches_.emplace_back(reactor, path,
                               [this, path] { servers_.replace(path + " has changed"); });
  }
}

int Proxy::run(Stream client_in, Stream client_out) {
  if (err_.is_same_as(client_out)) err_.share(client_.writer());
  client_.writer().set_tap(files_.client_tap());
  client_.connect(std::move(client_out));
  from_client_.connect_source(std::move(client_in));
  servers_.start();
  reactor_.on_turn_end([this] { end_of_turn(); });
  reactor_.again();
  reactor_.run();
  if (phase_ < Phase::closing) enter(Phase::closing);
  if (phase_ < Phase::closed) enter(Phase::closed);
  log_.finish();
  client_.flush();
  return exit_status();
}

bool Proxy::on_lines(LineReader& lines) {
  return router_.client_lines(lines, shared_.now());
}

void Proxy::on_source_end(int error) {
  shared_.note_failure("read-failed", "from", "client", error);
  client_closed();
}

void Proxy::on_source_hangup() {
  client_closed();
}

void Proxy::on_sink_gone(int error) {
  if (phase_ >= Phase::closing) return;  // it had everything
  shared_.note_failure("write-failed", "to", "client", error);
  log_.write(LogLevel::info, "client-gone");
  client_gone_ = true;
  if (!status_) status_ = error == 0 ? 0 : 125;
  from_client_.disconnect_source();
  end_servers(options_.ladder());
}

/// Each sink writes once, each lane and server is looked at once, the request timer is armed once.
/// Whatever has something left to do asks for another turn.
void Proxy::end_of_turn() {
  if (overdue_since_ && deadline_may_pass()) {
    router_.advance(shared_.now());
    overdue_since_.reset();
  }
  client_.flush();
  servers_.flush();
  from_client_.end_of_turn();
  servers_.end_of_turn();
  const Phase before = phase_;
  advance_phase();
  files_.end_of_turn();
  if (phase_ != before || client_.wants_flush() || servers_.wants_flush()) reactor_.again();
  arm_request_timer();
  // Asked when all that the client has sent is judged, or its answers would be cut off.
  const bool is_written = client_.writer().empty() && err_.is_done();
  if (phase_ == Phase::over && !from_client_.has_source() && is_written) enter(Phase::closing);
  if (phase_ == Phase::closing && files_.is_done() && log_.is_done()) enter(Phase::closed);
  if (phase_ == Phase::closed && log_.is_done() && err_.is_done()) reactor_.stop();
}

/// Whether a request is overdue and may end now. Not while the client has taken nothing since it
/// became overdue: the error could not be delivered. And not before everything the servers had
/// written by then has been read: the gate itself may have been stopped, even several times.
bool Proxy::deadline_may_pass() {
  const auto deadline = router_.next_deadline();
  if (!deadline || *deadline > shared_.now()) {
    overdue_since_.reset();
    return false;
  }
  const auto full_since = client_.full_since();
  if (full_since && *full_since <= *overdue_since_) return false;
  const bool was_stopped = shared_.now() >= looked_ + 2 * kPause;
  if (was_stopped || overdue_ != deadline) servers_.mark_unread();
  overdue_ = deadline;
  looked_ = shared_.now();
  return !servers_.have_unread(full_since || client_.wants_flush());
}

/// While a request is overdue each turn asks `deadline_may_pass`, and there is a turn every kPause:
/// if there was none for longer, the gate itself was stopped.
void Proxy::arm_request_timer() {
  const auto deadline = router_.next_deadline();
  if (!deadline || client_.is_stalled()) return request_timer_.clear();
  const bool is_past = overdue_since_ && *deadline <= shared_.now();
  request_timer_.set(is_past ? reactor_.now() + kPause : *deadline + client_.stalled());
}

void Proxy::on_signal(int signal) {
  log_.write(LogLevel::info, "signal", {{"signal", signal_name(signal)}});
  if (signalled_) return servers_.kill();  // asked twice: at once
  if (signal == SIGINT && servers_.interrupt()) return;
  signalled_ = true;
  status_ = 128 + signal;
  router_.end(shutting_down_error(true), shutting_down_error(false), shared_.now());
  end_servers({Duration::zero(), options_.signal_grace, signal});
  end_timer_.set(reactor_.now() + options_.signal_grace + kSignalEnd);
}

void Proxy::show_statistics() {
  err_.put_line(statistics() + "\n");
}

std::string Proxy::statistics() {
  (void)counts();
  return counter_.json();
}

const Statistics& Proxy::counts() {
  Statistics& counts = counter_.counts();
  counts.bytes_to_server = servers_.bytes_to_servers();
  counts.bytes_to_client = client_.bytes_written();
  counts.stderr_dropped = err_.dropped_bytes();
  counts.log_lost = log_.lost();
  counts.trace_lost = files_.trace_lost();
  counts.record_lost = files_.record_lost();
  return counts;
}

void Proxy::on_event(const Event& event) {
  counter_.on_event(event);
  log_event(log_, event, options_.server_stderr == StderrMode::discard);
  files_.on_event(event);
  if (event.kind == EventKind::noise) servers_.note(event.server, event.detail);
  if (event.kind == EventKind::request_opened || event.kind == EventKind::request_ended)
    servers_.note_activity();
  if (event.from_server) return;
  if (!first_has_ended_ && router_.awaited() > 1) is_script_ = true;
  if (event.kind != EventKind::request_ended) return;
  first_has_ended_ = true;
  servers_.on_request_ended(event);
}

}  // namespace stdiogate
