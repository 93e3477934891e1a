#include "src/limits.h"
#include "src/router/state.h"

// What is kept for servers that come later: the session, and how to ask whether one is up.
namespace stdiogate {

bool Router::can_restart() const {
  return !state_->session.has_conversations;
}

bool Router::is_idle() const {
  const State& state = *state_;
  const bool is_quiet = state.of_client.open_count() == 0 && state.of_server.open_count() == 0 &&
                        state.waiting.size() == 0 && state.held.empty();
  return is_quiet && can_restart() && !state.has_tasks && state.session.is_whole &&
         !state.session.has_subscriptions();
}

/// Whether there is room to keep a line of this size. If not, the log says so; a ping is not worth
/// it. An unsubscribe, which makes room, has room even if that is full of what it takes back.
bool Router::State::may_keep(std::uint32_t method, std::size_t bytes) {
  const std::size_t most = method == Methods::kUnsubscribe ? 2 * kMaxKept : kMaxKept;
  if (session.bytes() + open_bytes + bytes <= most) return true;
  if (method != Methods::kPing)
    report({.kind = EventKind::not_kept, .method = methods[method].name});
  return false;
}

void Router::State::note_request(const Message& message, const RequestTable::NewRequest& request) {
  if (request.method == Methods::kInitialize) {
    // While none serves it begins a new session with the next server. One that serves, or is asked
    // to go on with the session, may refuse a second one.
    if (serving) return;
    wants_new_session = asking > 0 && session.is_open;
    if (!wants_new_session) session = {};
  } else if (request.method == Methods::kDiscover && message.line.size() <= kMaxKept) {
    discover = {std::string(message.line), request.id_offset, request.id.size(), request.method};
  } else if (!message.meta.empty() && message.meta.size() <= kMaxMeta && !session.is_open &&
             discover.text.empty()) {
    last_meta = message.meta;
  }
}

void Router::State::note_answer(const Request& request, const Outcome& outcome) {
  if (outcome.answer->has_error) return;
  switch (request.method) {
    case Methods::kInitialize: return open_session(request, outcome.answer->line);
    case Methods::kDiscover: has_tasks = has_tasks || announces_tasks(outcome.answer->line); return;
    case Methods::kSubscribe:
    case Methods::kUnsubscribe:
    case Methods::kSetLevel: return keep_set_up(request, set_by(request));
    case Methods::kSessionNew:
    case Methods::kSessionLoad: session.has_conversations = session.is_acp; return;
    default: return;
  }
}

/// Keeps an initialize and its own answer: of several the client has sent, the one that was
/// accepted.
void Router::State::open_session(const Request& initialize, std::string_view answer) {
  session.is_open = true;
  session.is_whole = !initialize.line.empty();
  session.initialize = {initialize.line, initialize.id_offset, initialize.id().size(),
                        initialize.method};
  session.is_acp = is_of_acp(initialize.line);
  session.terms = session_terms(answer);
  if (!unconfirmed.empty()) session.initialized = unconfirmed;
  has_tasks = announces_tasks(answer);
}

/// `what`: what it sets, see Session::SetUp. Of two that set the same the one that came last counts,
/// in whichever order they are answered.
void Router::State::keep_set_up(const Request& request, std::string_view what) {
  if (!session.is_open || request.is_overtaken) return;
  if (request.line.empty()) {
    session.is_whole = false;
    return;
  }
  const KeptLine line{request.line, request.id_offset, request.id().size(), request.method};
  session.forget(what);
  if (request.method != Methods::kUnsubscribe) session.set_up.push_back({std::string(what), line});
  bool is_set_later = false;
  for (const std::uint64_t wire_id : of_client.open_requests()) {
    const Request& open = *of_client.find(wire_id);
    if (open.is_own || set_by(open) != what) continue;
    if (open.sequence < request.sequence) of_client.overtake(wire_id);
    is_set_later = is_set_later || open.sequence > request.sequence;
  }
  // It was answered by a server that another has replaced meanwhile, and the client has not asked
  // the one that serves to set the same.
  if (serving && *serving != request.server && !is_set_later)
    links[*serving].to_set_up.push_back(line);
}

/// What `request` sets; empty if it is none that sets anything.
std::string Router::State::set_by(const Request& request) {
  if (request.method == Methods::kSetLevel) return std::string(Session::kLogLevel);
  const bool is_of_uri =
      request.method == Methods::kSubscribe || request.method == Methods::kUnsubscribe;
  return is_of_uri ? uri_of(request.line) : "";
}

/// A notification of the client's for whichever server serves, or will serve next.
void Router::State::notify_server(std::string_view line, std::string_view method) {
  if (method == "notifications/initialized" && may_keep(Methods::kInitialize, line.size())) {
    const bool is_of_session = session.is_open && !wants_new_session;
    (is_of_session ? session.initialized : unconfirmed) = line;
    if (is_of_session && !serving) return;  // it is sent when the session is opened again
  }
  if (takes_requests()) return links[*serving].writer->append(line);
  if (!held.push(line, arrivals))
    report({.kind = EventKind::notification_dropped, .method = method});
}

}  // namespace stdiogate
