#include "src/gate/server.h"

#include <string_view>
#include <system_error>

#include "src/process/exec_error.h"
#include "src/text.h"

namespace stdiogate {

Server::Server(Router::ServerNumber number, Shared& shared)
    : number_(number),
      shared_(shared),
      in_(shared.reactor, *this),
      out_(shared.reactor, *this, shared.options.router.max_line),
      stderr_(shared.reactor, shared.options.server_stderr, shared.err, shared.log),
      child_(shared.reactor, shared.launcher, *this) {
  try {
    ChildProcess::Ends ends = child_.start();
    in_.connect(std::move(ends.in));
    unread_ = std::move(ends.out);
    stderr_.connect(std::move(ends.err));
  } catch (const std::system_error& error) {
    finished_ = true;
    note_not_started(error.code().value());
  }
}

void Server::go_on() {
  out_.go_on();
  if (deaf_ && shared_.router.busy(number_) == 0) {
    deaf_ = false;
    leave(shared_.options.grace, shared_.options.grace);
  }
  if ((end_ || not_started_) && !out_.has_source()) child_.finish();
  // Whoever holds its stdout now has been spared, or cannot be killed: the server has said all.
  if (finished_) out_.end_when_dry();
}

void Server::let_go(Duration grace, Duration kill_grace) {
  let_go_ = true;
  leave(grace, kill_grace);
}

void Server::let_go_when_written(Duration grace) {
  if (!in_.is_busy()) return let_go(grace, grace);
  child_.take_ladder(grace, grace);
}

void Server::leave(Duration grace, Duration kill_grace) {
  if (!leaving_) shared_.reactor.again();
  leaving_ = true;
  in_.disconnect();
  child_.take_ladder(grace, kill_grace);
}

void Server::kill() {
  shared_.counts.sigkills += !end_.has_value();
  child_.finish();
}

std::string_view Server::last_words() {
  stderr_.drain();
  return stderr_.tail();
}

bool Server::on_lines(LineReader& lines) {
  return shared_.router.server_lines(lines, shared_.reactor.now(), number_);
}

void Server::on_source_end(int error) {
  if (error != 0) {
    shared_.log.write(LogLevel::error, "read-failed",
                      {{"from", "server"}, {"reason", errno_text(error)}});
  }
  if (!end_ && !not_started_) shared_.log.write(LogLevel::debug, "server-closed-stdout");
  leave(shared_.options.grace, shared_.options.grace);
}

void Server::on_sink_gone(Sink&, int error) {
  if (error != 0) {
    shared_.log.write(LogLevel::error, "write-failed",
                      {{"to", "server"}, {"reason", errno_text(error)}});
  }
  if (!let_go_ && !end_) shared_.log.write(LogLevel::info, "server-closed-stdin");
  // It is given no more; what it has it may still answer.
  leaving_ = deaf_ = true;
}

void Server::on_started(pid_t pid) {
  started_ = true;
  out_.connect_source(std::move(unread_));
  ++shared_.counts.starts;
  shared_.log.write(
      LogLevel::info, "server-started",
      {{"pid", static_cast<std::uint64_t>(pid)}, {"command", shared_.options.server.argv[0]}});
}

void Server::on_not_started(int error) {
  note_not_started(error);
}

void Server::note_not_started(int error) {
  const std::string& command = shared_.options.server.argv[0];
  shared_.log.write(LogLevel::error, "server-not-started",
                    {{"command", command}, {"reason", explain_not_started(command, error).reason}});
  not_started_ = error;
  leaving_ = true;
  in_.disconnect();
  out_.disconnect_source();
  child_.finish();
}

void Server::on_exited(const ServerEnd& end) {
  end_ = end;
  const bool expected = let_go_ || (end.status == 0 && end.signal == 0);
  const LogLevel level = expected ? LogLevel::info : LogLevel::warn;
  if (end.signal != 0) {
    shared_.log.write(level, "server-exited", {{"signal", signal_name(end.signal)}});
  } else {
    shared_.log.write(level, "server-exited", {{"status", static_cast<std::uint64_t>(end.status)}});
  }
}

void Server::on_rung(const char* signal) {
  signalled_ = true;
  ++(std::string_view(signal) == "SIGTERM" ? shared_.counts.sigterms : shared_.counts.sigkills);
  shared_.log.write(LogLevel::info, "server-signalled", {{"signal", signal}});
}

void Server::on_finished(std::uint32_t killed) {
  finished_ = true;
  shared_.counts.descendants_killed += killed;
  if (killed > 0)
    shared_.log.write(LogLevel::info, "descendants-killed", {{"count", std::uint64_t{killed}}});
}

}  // namespace stdiogate
