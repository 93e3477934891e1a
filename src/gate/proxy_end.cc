#include <signal.h>

#include <algorithm>
#include <utility>

#include "src/gate/proxy.h"
#include "src/limits.h"

// How it comes to its end: its phases, and what leads from one to the next.
namespace stdiogate {

/// Does what its phase asks for next.
void Proxy::advance_phase() {
  if (phase_ < Phase::ending) {
    if (const auto& why = servers_.not_started()) {
      tell_not_started(*why);
    } else if (servers_.is_over()) {
      end_servers(options_.ladder());
    } else if (phase_ < Phase::answering && !servers_.will_serve()) {
      // One that was replaced may still have to answer.
      router_.refuse(servers_.last().error(false), shared_.now());
    }
  }
  // Not before the turn ends: what the client has sent by then is answered.
  if (phase_ == Phase::not_started && (client_gone_ || signalled_)) enter(Phase::over);
  if (phase_ == Phase::draining && is_handed_over() && !awaits_answers()) enter(Phase::answering);
  if (phase_ == Phase::completing && is_handed_over()) enter(Phase::answering);
  if (phase_ == Phase::completing || phase_ == Phase::answering) watch_progress();
  if (phase_ == Phase::ending && servers_.is_over()) conclude();
}

/// Whether the servers get the end of their input right behind what is queued for them.
bool Proxy::is_handed_over() const {
  return !from_client_.has_source() && !router_.has_waiting();
}

/// Whether the end of the client's input is better held back. A host counts the time from it, and
/// servers save their state then; only a script wants to have its answers first, since many servers
/// drop what they have when their input ends. A question of a server's cannot be answered any more.
bool Proxy::awaits_answers() const {
  return is_script_ && router_.awaited() > 0 && router_.asked() == 0;
}

/// While servers read or answer they get all that the client has sent. Time stands still while they
/// may wait for the client to read, and begins anew when the gate itself was stopped.
void Proxy::watch_progress() {
  const Time now = shared_.now();
  const std::uint64_t moved = servers_.bytes_to_servers() + counter_.counts().answers;
  const bool was_stopped = now > give_up_ + 2 * kPause;
  if (moved != std::exchange(moved_, moved) || was_stopped) {
    give_up_ = now + std::max<Duration>(options_.drain, kNoReader);
  } else if (now >= give_up_) {
    return enter(Phase::given_up);
  }
  if (client_.is_stalled()) return end_timer_.clear();
  end_timer_.set(give_up_ + client_.stalled());
}

void Proxy::conclude() {
  enter(Phase::over);
  const ServerAccount& last = servers_.last();
  router_.end(last.error(true), last.error(false), shared_.now());
}

/// The one function that changes the phase, and does to the client's lane and the end timer what
/// that means. A timer that a signal has set stays.
void Proxy::enter(Phase next) {
  phase_ = next;
  switch (next) {
    case Phase::serving: break;
    case Phase::draining:
      silence_timer_.set(reactor_.now() + kSilence);
      return end_timer_.set(reactor_.now() + options_.drain);
    case Phase::completing: return silence_timer_.clear();
    case Phase::answering:
    case Phase::given_up:
      silence_timer_.clear();
      servers_.end_input(next == Phase::given_up);
      return router_.refuse(shutting_down_error(false), shared_.now());
    case Phase::ending: silence_timer_.clear(); return end_timer_.clear();
    case Phase::not_started: return end_timer_.set(reactor_.now() + kNotStartedLinger);
    case Phase::over:
      // Nobody is left to answer what the client says now. What it had said before it closed still
      // gets its errors.
      if (!client_gone_) from_client_.disconnect_source();
      if (!end_timer_.is_set()) end_timer_.set(reactor_.now() + options_.grace);
      break;
    case Phase::closing:
      if (!signalled_) end_timer_.clear();
      files_.end();
      return give_readers_time();
    case Phase::closed: return write_summary();
  }
}

void Proxy::client_closed() {
  client_gone_ = true;
  servers_.client_closed();
  if (phase_ == Phase::serving) enter(Phase::draining);
}

void Proxy::end_servers(const Ladder& ladder) {
  if (phase_ < Phase::ending) enter(Phase::ending);
  servers_.end(ladder);
}

void Proxy::on_end_timer() {
  if (phase_ == Phase::draining) {
    enter(Phase::completing);
  } else if (phase_ == Phase::not_started) {
    enter(Phase::over);
  } else if (phase_ >= Phase::ending && (signalled_ || client_.writer().empty())) {
    reactor_.stop();  // slow readers have had their time
  }
}

void Proxy::give_readers_time() {
  readers_until_ = reactor_.now() + kFileEnd;
  file_timer_.set(readers_until_);
}

void Proxy::on_file_timer() {
  // Anew if the gate itself was stopped, and the readers with it perhaps.
  const bool was_stopped = reactor_.now() > readers_until_ + 2 * kPause;
  if (was_stopped) return give_readers_time();
  reactor_.stop();
}

/// What no reader has taken by now is lost, and counts.
void Proxy::write_summary() {
  log_.finish();
  files_.finish();
  const std::string summary = statistics();
  err_.end_line();
  log_.write(LogLevel::info, "summary", {{"statistics", JsonText{summary}}});
}

void Proxy::on_silence() {
  if (servers_.is_silent()) {
    enter(Phase::completing);  // some servers answer only when their input has ended
  } else {
    silence_timer_.set(reactor_.now() + kSilence);
  }
}

void Proxy::tell_not_started(const NotStarted& why) {
  const GateError told = server_not_started_error(options_.server.argv[0], why.error, why.reason);
  router_.end(told, told, shared_.now());
  status_ = why.status;
  enter(client_gone_ ? Phase::over : Phase::not_started);
}

int Proxy::exit_status() const {
  if (status_) return *status_;
  if (servers_.ended_by_interrupt()) return 128 + SIGINT;
  const ServerAccount& last = servers_.last();
  if (last.was_signalled && client_gone_) return 0;
  return last.end.signal != 0 ? 128 + last.end.signal : last.end.status;
}

}  // namespace stdiogate
