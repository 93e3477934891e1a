#include "src/gate/server.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "src/limits.h"

namespace stdiogate {

Server::Server(Router::ServerNumber number, Shared& shared, bool must_answer)
    : number_(number),
      shared_(shared),
      must_answer_(must_answer),
      ladder_(shared.options.ladder()),
      sink_(shared.reactor, *this),
      lane_(shared.reactor, *this, shared.options.router.max_line),
      stderr_(shared.reactor, shared.options.server_stderr, shared.err, shared.log,
              [this](std::string_view bytes) { shared_.files.server_stderr(number_, bytes); }),
      child_(shared.reactor, shared.launcher, *this),
      death_timer_(shared.reactor, [this] { child_.finish(); }),
      last_moment_(shared.reactor, [this] { on_last_moment(); }) {
  try {
    ChildProcess::Ends ends = child_.start();
    sink_.connect(std::move(ends.to_stdin));
    unread_ = std::move(ends.from_stdout);
    stderr_.connect(std::move(ends.from_stderr));
  } catch (const std::system_error& error) {
    finished_ = true;
    on_not_started({.error = error.code().value(), .reason = error.what()});
  }
}

void Server::enter(Stage next) {
  Router& router = shared_.router;
  const Time now = shared_.now();
  switch (next) {
    case Stage::starting: break;
    case Stage::opening: router.connect(number_, sink_.writer(), must_answer_, now); break;
    case Stage::serving: served_ = true; break;
    case Stage::retired: router.retire(number_); break;
    case Stage::leaving:
      if (stage_ < Stage::serving)
        router.disconnect(number_, server_exited_error({}, "", true), now);
      router.retire(number_);
      if (stage_ != Stage::retired || has_said_all() || !sink_.is_busy()) close_stdin();
      child_.take_ladder(ladder_);
      break;
    case Stage::gone:
      close_stdin();
      take_back_unsent();
      router.disconnect(number_, end_error(true), now);
      break;
  }
  if (stage_ != next) shared_.reactor.again();
  stage_ = next;
}

/// `may_have_had`: whether the request that gets it has been sent to this server as a whole.
GateError Server::end_error(bool may_have_had) {
  if (!not_started_) return account().error(may_have_had);
  return server_not_started_error(shared_.options.server.argv[0], not_started_->error,
                                  not_started_->reason);
}

bool Server::has_said_all() const {
  return not_started_ || ((started_ || finished_) && !lane_.has_source());
}

bool Server::is_useless() const {
  return has_said_all() || !sink_.is_connected();
}

bool Server::lingers() const {
  return had_last_moment_ && !has_said_all() && (stage_ >= Stage::retired || end_);
}

bool Server::is_done() const {
  if (has_said_all()) return true;
  const bool can_be_answered = sink_.is_connected() && !input_ends_;
  return (can_be_answered ? shared_.router.busy(number_) : shared_.router.awaited(number_)) == 0;
}

void Server::end_of_turn() {
  lane_.end_of_turn();
  stderr_.end_of_turn();
  if ((input_ends_ || stage_ == Stage::leaving) && sink_.is_connected() && !sink_.is_busy()) {
    sink_.disconnect();
    expect_end();
  }
  if ((end_ || not_started_) && !lane_.has_source()) child_.finish();
  // Whoever holds its stdout now was spared, or cannot be killed: the server has said all.
  if (finished_) lane_.end_when_dry();
}

void Server::end_input(bool now) {
  input_ends_ = true;
  if (!now) return;
  // It may read nothing forever: the client's other lines are not to wait for it.
  if (stage_ == Stage::serving) enter(Stage::retired);
  shared_.router.take_back(sink_.writer().take_back(), shutting_down_error(false), shared_.now());
}

/// Keeps the lines that it was not sent as a whole, until it is gone.
void Server::close_stdin() {
  unsent_ += sink_.writer().unsent();
  sink_.disconnect();
}

void Server::let_go(const Ladder& ladder) {
  let_go_ = true;
  ladder_ = ladder;
  enter(Stage::leaving);
}

void Server::interrupt() {
  child_.signal(SIGINT);
  interruption_.begin(shared_.now(), shared_.router.open_requests());
  if (last_moment_.is_set() || had_last_moment_) begin_last_moment();
}

void Server::kill() {
  shared_.counts.sigkills += !end_.has_value();
  child_.kill();
}

ServerAccount Server::account() {
  stderr_.drain();
  const bool is_discarded = shared_.options.server_stderr == StderrMode::discard;
  return {.end = end_.value_or(ServerEnd{}),
          .lives = started_ && !end_ && !finished_,
          .was_signalled = signalled_,
          .ended_by_itself = !let_go_,
          .words = is_discarded ? "" : shared_.secrets.masked(std::string(stderr_.tail())),
          .hint = hint};
}

bool Server::on_lines(LineReader& lines) {
  has_spoken_ = true;
  return shared_.router.server_lines(lines, shared_.now(), number_);
}

void Server::on_source_end(int error) {
  shared_.note_failure("read-failed", "from", "server", error);
  if (!end_ && !not_started_) shared_.log.write(LogLevel::debug, "server-closed-stdout");
}

void Server::on_sink_gone(int error) {
  shared_.note_failure("write-failed", "to", "server", error);
  if (started_ && !let_go_ && !end_) shared_.log.write(LogLevel::info, "server-closed-stdin");
  begin_last_moment();
  expect_end();
}

void Server::on_unsent(std::string_view lines) {
  if (!last_moment_.is_set() && !had_last_moment_) return;
  unsent_ += lines;
  if (had_last_moment_) last_moment_.set(shared_.reactor.now());
}

/// It has closed its stdin, and probably ends. After SIGINT its end also ends the gate, so it gets
/// more time then.
void Server::begin_last_moment() {
  had_last_moment_ = false;
  const Duration left = interruption_.left(shared_.now());
  last_moment_.set(shared_.reactor.now() + std::max<Duration>(kLastMoment, left));
}

/// It lives on, or a descendant holds its stdout. Requests that it was not sent as a whole do not
/// wait for its end.
void Server::on_last_moment() {
  had_last_moment_ = true;
  take_back_unsent();
}

void Server::take_back_unsent() {
  const std::string unsent = std::exchange(unsent_, {});
  if (!unsent.empty()) shared_.router.take_back(unsent, end_error(false), shared_.now());
}

/// A server that has died, and left nothing that reads its stdin, cannot answer any more, even if a
/// descendant still holds its stdout: its end is waited for no longer than the grace.
void Server::expect_end() {
  const bool died = end_ && (end_->signal != 0 || end_->status != 0);
  if (died && !sink_.is_connected())
    death_timer_.set(shared_.reactor.now() + shared_.options.grace);
}

void Server::on_started(pid_t pid) {
  started_ = true;
  lane_.connect_source(std::exchange(unread_, {}));
  ++shared_.counts.starts;
  shared_.files.server_started(number_, shared_.counts.starts, pid);
  shared_.log.write(LogLevel::info, "server-started",
                    {{"pid", pid}, {"command", shared_.options.server.argv[0]}});
}

void Server::on_not_started(const NotStarted& why) {
  shared_.log.write(LogLevel::error, "server-not-started",
                    {{"command", shared_.options.server.argv[0]}, {"reason", why.reason}});
  not_started_ = why;
}

void Server::on_exited(const ServerEnd& end) {
  stderr_.drain();  // its last words come before its end
  end_ = end;
  interruption_.note_end(end, signalled_, shared_.now());
  shared_.files.server_ended(number_, end);
  const bool expected = let_go_ || signalled_ || (end.status == 0 && end.signal == 0);
  const LogLevel level = expected ? LogLevel::info : LogLevel::warn;
  std::optional<std::uint64_t> status;
  if (end.signal == 0) status = end.status;
  const std::string signal = end.signal != 0 ? signal_name(end.signal) : "";
  shared_.log.write(level, "server-exited", {{"signal", signal}, {"status", status}});
  expect_end();
}

void Server::on_rung(const char* signal) {
  signalled_ = true;
  shared_.counts.sigterms += std::string_view(signal) == "SIGTERM";
  shared_.counts.sigkills += std::string_view(signal) == "SIGKILL";
  shared_.log.write(LogLevel::info, "server-signalled", {{"signal", signal}});
}

void Server::on_cannot_sweep(const std::string& why) {
  shared_.log.write(LogLevel::warn, "cannot-sweep",
                    {{"reason", why}, {"left", "what leaves the server's process group"}});
}

void Server::on_left_alone(pid_t pid, std::string_view name) {
  shared_.log.write(LogLevel::info, "descendant-left", {{"pid", pid}, {"name", name}});
}

void Server::on_finished(std::uint32_t ended) {
  finished_ = true;
  shared_.counts.descendants_killed += ended;
  if (ended > 0) shared_.log.write(LogLevel::info, "descendants-killed", {{"count", ended}});
}

}  // namespace stdiogate
