#include "proxy.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "command_path.h"
#include "gate_limits.h"
#include "names.h"

namespace stdiogate {

Proxy::Proxy(const Options& options, Reactor& reactor, Launcher& launcher, Log& log, Outlet& err)
    : options_(options),
      reactor_(reactor),
      launcher_(launcher),
      log_(log),
      err_(err),
      event_log_(log),
      counter_(options.router.max_in_flight + Router::kReserve),
      router_(options.router, server_writer_, client_writer_, *this),
      to_server_(reactor, *this, server_writer_, client_writer_, options.router.max_line),
      to_client_(reactor, *this, client_writer_, server_writer_, options.router.max_line),
      stderr_(reactor, options.server_stderr, err, log),
      child_(reactor, *this),
      request_timer_(reactor,
                     [this] {
                       router_.advance(reactor_.now());
                       on_activity();
                     }),
      end_timer_(reactor, [this] { on_end_timer(); }) {}

int Proxy::run(Stream client_in, Stream client_out) {
  to_client_.connect_sink(std::move(client_out));
  to_server_.connect_source(std::move(client_in));
  try {
    ChildProcess::Ends ends = child_.start(launcher_);
    to_server_.connect_sink(std::move(ends.in));
    to_client_.connect_source(std::move(ends.out));
    stderr_.connect(std::move(ends.err));
  } catch (const std::system_error& error) {
    server_finished_ = true;
    on_not_started(error.code().value());
  }
  reactor_.run();
  const std::string summary = statistics();
  log_.write(LogLevel::info, "summary", {{"statistics", JsonText{summary}}});
  return exit_status();
}

void Proxy::on_line(Lane& lane, const Line& line) {
  if (&lane == &to_server_) {
    router_.client_line(line, reactor_.now());
  } else {
    router_.server_line(line, reactor_.now());
  }
}

void Proxy::on_source_end(Lane& lane, int error) {
  const bool from_client = &lane == &to_server_;
  if (error != 0) {
    log_.write(LogLevel::error, "read-failed",
               {{"from", from_client ? "client" : "server"}, {"reason", errno_text(error)}});
  }
  if (from_client) return client_closed();
  if (!server_end_) log_.write(LogLevel::debug, "server-closed-stdout");
  end_server(options_.grace, options_.grace);
}

void Proxy::on_source_hangup(Lane& lane) {
  if (&lane == &to_server_) client_closed();
}

void Proxy::on_sink_gone(Lane& lane, int error) {
  const bool to_client = &lane == &to_client_;
  if (error != 0) {
    log_.write(LogLevel::error, "write-failed",
               {{"to", to_client ? "client" : "server"}, {"reason", errno_text(error)}});
  }
  if (to_client) {
    log_.write(LogLevel::info, "client-gone");
    client_gone_ = true;
    if (!status_) status_ = error == 0 ? 0 : 125;
    to_server_.disconnect_source();
  }
  end_server(options_.grace, options_.grace);
}

void Proxy::on_activity() {
  step_lanes();
  go_on();
  if (const auto deadline = router_.next_deadline()) {
    request_timer_.set(*deadline);
  } else {
    request_timer_.clear();
  }
}

void Proxy::step_lanes() {
  for (bool busy = true; busy;) {
    const bool to_server = to_server_.step();
    const bool to_client = to_client_.step();
    busy = to_server || to_client;
  }
}

/// Does what the state of things asks for next.
void Proxy::go_on() {
  if (phase_ == Phase::draining && !to_server_.has_source() && server_writer_.empty() &&
      router_.awaited() == 0)
    end_server(options_.grace, options_.grace);
  if (server_end_ && !to_client_.has_source()) child_.finish();
  if (phase_ == Phase::ending && server_finished_ && !to_client_.has_source()) conclude();
  if (phase_ == Phase::over && client_writer_.empty() && err_.empty()) reactor_.stop();
}

void Proxy::conclude() {
  phase_ = Phase::over;
  stderr_.drain();
  const ServerEnd end = server_end_.value_or(ServerEnd{});
  router_.end(Ending::server_gone, server_exited_error(end, stderr_.tail(), true),
              server_exited_error(end, stderr_.tail(), false), reactor_.now());
  step_lanes();
  if (!signalled_) end_timer_.set(reactor_.now() + options_.grace);
}

void Proxy::client_closed() {
  client_gone_ = true;
  if (phase_ == Phase::serving) {
    phase_ = Phase::draining;
    end_timer_.set(reactor_.now() + options_.drain);
  } else if (phase_ == Phase::not_started) {
    phase_ = Phase::over;
  }
}

void Proxy::end_server(Duration grace, Duration kill_grace) {
  if (phase_ == Phase::serving || phase_ == Phase::draining) {
    phase_ = Phase::ending;
    end_timer_.clear();
  }
  to_server_.disconnect_sink();
  child_.take_ladder(grace, kill_grace);
}

void Proxy::on_end_timer() {
  if (phase_ == Phase::draining) {
    router_.end(Ending::shutting_down, shutting_down_error(true), shutting_down_error(false),
                reactor_.now());
    end_server(options_.grace, options_.grace);
  } else if (phase_ == Phase::not_started) {
    phase_ = Phase::over;
  } else if (signalled_ || client_writer_.empty()) {
    return reactor_.stop();  // whoever still has to take something has had its time
  }
  on_activity();
}

void Proxy::shut_down(int signal) {
  log_.write(LogLevel::info, "signal", {{"signal", signal_name(signal)}});
  if (signalled_) return child_.finish();  // asked twice: at once
  signalled_ = true;
  status_ = 128 + signal;
  router_.end(Ending::shutting_down, shutting_down_error(true), shutting_down_error(false),
              reactor_.now());
  end_server(Duration::zero(), std::min(options_.grace, kMaxGraceAfterSignal));
  end_timer_.set(reactor_.now() + kMaxEndAfterSignal);
  if (phase_ == Phase::not_started) phase_ = Phase::over;
  on_activity();
}

void Proxy::show_statistics() {
  err_.put(statistics() + "\n");
}

std::string Proxy::statistics() {
  Statistics& counts = counter_.counts();
  counts.bytes_to_server = to_server_.bytes_written();
  counts.bytes_to_client = to_client_.bytes_written();
  counts.stderr_dropped = err_.dropped_bytes();
  return counter_.json();
}

void Proxy::on_started(pid_t pid) {
  log_.write(LogLevel::info, "server-started",
             {{"pid", static_cast<std::uint64_t>(pid)}, {"command", options_.server.argv[0]}});
}

void Proxy::on_not_started(int error) {
  const std::string& command = options_.server.argv[0];
  const NotStarted why = explain_not_started(command, error);
  log_.write(LogLevel::error, "server-not-started", {{"command", command}, {"reason", why.reason}});
  const GateError told = server_not_started_error(command, error, why.reason);
  router_.end(Ending::server_gone, told, told, reactor_.now());
  to_server_.disconnect_sink();
  to_client_.disconnect_source();
  child_.finish();
  status_ = why.status;
  phase_ = client_gone_ ? Phase::over : Phase::not_started;
  end_timer_.set(reactor_.now() + kNotStartedLinger);
  on_activity();
}

void Proxy::on_exited(const ServerEnd& end) {
  server_end_ = end;
  const bool expected = client_gone_ || signalled_ || (end.status == 0 && end.signal == 0);
  const LogLevel level = expected ? LogLevel::info : LogLevel::warn;
  if (end.signal != 0) {
    log_.write(level, "server-exited", {{"signal", signal_name(end.signal)}});
  } else {
    log_.write(level, "server-exited", {{"status", static_cast<std::uint64_t>(end.status)}});
  }
  on_activity();
}

void Proxy::on_rung(const char* signal) {
  rung_taken_ = true;
  log_.write(LogLevel::info, "server-signalled", {{"signal", signal}});
}

void Proxy::on_finished(std::uint32_t killed) {
  server_finished_ = true;
  if (killed > 0) {
    log_.write(LogLevel::info, "descendants-killed", {{"count", std::uint64_t{killed}}});
  }
  on_activity();
}

void Proxy::on_event(const Event& event) {
  counter_.on_event(event);
  event_log_.on_event(event);
  if (event.kind == EventKind::noise) stderr_.note(event.detail);
}

int Proxy::exit_status() const {
  if (status_) return *status_;
  if ((rung_taken_ && client_gone_) || !server_end_) return 0;
  return server_end_->signal != 0 ? 128 + server_end_->signal : server_end_->status;
}

}  // namespace stdiogate
