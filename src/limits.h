#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "stdiogate/clock.h"
#include "stdiogate/message.h"
#include "stdiogate/router.h"

/// Every bound that no option changes, each with its reason. What a user can notice is also a row
/// of kFixedLimits, which `--help limits` prints and the man page repeats. Those of the library's
/// contract are constants of its public headers.
namespace stdiogate {

/// While this many bytes of forwarded lines are queued for a sink, no line is taken that would add
/// to them. Half of what a pipe holds: with less, large lines cost more processor time; with more,
/// no load of `make bench` is faster, and a live stream is older when a slow client reads it.
inline constexpr std::size_t kHighWater = 32 * 1024;

/// While this many bytes of the gate's own replies are queued for a peer, none of its lines is
/// taken. Large enough for a burst of refusals, small enough that nobody can make the gate hoard.
inline constexpr std::size_t kMaxReplies = 1024 * 1024;

/// A read takes at most this much, except within a line. Client, gate and server work at the same
/// time only if each passes on what it has: with twice as much, 100 requests in flight have 20 %
/// fewer answers a second (`make bench`). With half as much, the fixed cost of a turn shows.
inline constexpr std::size_t kMaxRead = 8 * 1024;

/// A file of ours (log, trace, record) that cannot be written is tried again after this time; as
/// often its name is looked at.
inline constexpr Duration kFileTry = std::chrono::seconds(1);

/// Bytes queued for a file of ours: from this many on they are written at once. With
/// 64 KiB a trace costs a quarter more (`make bench points=trace`).
inline constexpr std::size_t kFileRoom = 256 * 1024;

/// Trace and record are written once in this time at most, unless kFileRoom bytes are queued.
inline constexpr Duration kFilePause = std::chrono::milliseconds(1);

/// At the end whoever reads a FIFO has this long to take what is queued for it.
inline constexpr Duration kFileEnd = std::chrono::milliseconds(200);

/// While this many bytes are queued for our stderr the server's is not read. Much, since a server
/// that waits for its stderr answers nothing. What is in its pipe when it ends comes on top.
inline constexpr std::size_t kStderrRoom = 1024 * 1024;
inline constexpr std::size_t kStderrSlack = 128 * 1024;

/// A peer that takes nothing for this long counts as one that does not read. The newest kStderrKept
/// bytes of stderr are kept until it reads again, and as much of each server's for error messages.
inline constexpr Duration kNoReader = std::chrono::seconds(1);
inline constexpr std::size_t kStderrKept = 64 * 1024;

/// At a deadline, a line that was begun before is waited for while it grows by this much in
/// kNoReader. What a server draws while it works (dots, a wheel) is less.
inline constexpr std::size_t kGrowth = 4 * 1024;

/// While the client has taken nothing for longer than this, the time of requests stands still: they
/// wait for the client, not for the server. Even a slow reader takes something more often.
inline constexpr Duration kPause = std::chrono::milliseconds(20);

/// Of a line of noise this much is passed on. It may be a cut answer of any size.
inline constexpr std::size_t kMaxNoise = 4096;

/// Of the first line of noise the log shows this much: it usually names its author.
inline constexpr std::size_t kShownOfNoise = 200;

/// Behind other text on a line, this many objects are tried as the answer to an open request.
inline constexpr int kAnswerTries = 16;

/// Of the server's stderr an error has this much, as the client decodes it: what goes into an error
/// is read by models.
inline constexpr std::size_t kMaxErrorStderr = 2 * 1024;

/// Secrets of the environment are masked in it; a shorter value could be any word.
inline constexpr std::size_t kShortestSecret = 8;

/// Tokens of requests that ended without an answer, whose progress is dropped.
inline constexpr std::size_t kMaxEndedTokens = 1024;

/// Methods, and combinations of method, tool and error, that are counted by name: a client that
/// invents names must not make the gate grow.
inline constexpr std::size_t kMaxMethods = 256;
inline constexpr std::size_t kMaxMethodName = 256;
inline constexpr std::size_t kMaxSeries = 256;

/// The most that options take: a slot has about 300 bytes, and a line is in memory twice at worst.
inline constexpr std::uint32_t kMostInFlight = 100'000;
inline constexpr std::uint64_t kLongestLine = std::uint64_t{4} << 30;

/// How long requests are answered with the reason when the server could not be started: a client
/// that has just written its first request still reads why.
inline constexpr Duration kNotStartedLinger = std::chrono::seconds(1);

/// After a signal to the gate, unless the user gives --grace: hosts that have sent SIGTERM send
/// SIGKILL after one or two seconds, and by then the gate is done. What is left to write has
/// kSignalEnd more.
inline constexpr Duration kSignalGrace = std::chrono::milliseconds(700);
inline constexpr Duration kSignalEnd = std::chrono::milliseconds(200);

/// How often a watched file is looked at. A file is often written in several steps: it counts as
/// changed when two looks in turn see the same.
inline constexpr Duration kWatchInterval = std::chrono::milliseconds(250);

/// A command that has failed before any answer is tried again for a request that comes within this
/// time; else the gate ends. A host sends its first request at once.
inline constexpr Duration kNobodyWaits = std::chrono::seconds(1);

/// A restart that finds Router::kMaxServers servers left, the dying included, is tried again after
/// this time.
inline constexpr Duration kRoomTry = std::chrono::milliseconds(100);

/// A server that SIGINT ends may have to save much first. One that ends later than this, and has
/// answered nothing meanwhile, has had no request: its end is its own.
inline constexpr Duration kInterrupted = std::chrono::seconds(10);

/// A server that has closed its stdin has usually ended within this time. If it has not, a request
/// that waits gets another one.
inline constexpr Duration kLastMoment = std::chrono::milliseconds(250);

/// Some servers answer only when their input has ended. One that has read all it was sent by a
/// script and has said nothing for this long gets that end.
inline constexpr Duration kSilence = std::chrono::seconds(2);

/// The memory of a line that had to be repaired is kept for the next one up to this many bytes.
inline constexpr std::size_t kKeptText = 64 * 1024;

/// A request's `_meta` beyond this many bytes is not kept to ask another server with.
inline constexpr std::size_t kMaxMeta = 64 * 1024;

/// Answers to a retired server that has stopped reading are dropped beyond this many queued bytes.
inline constexpr std::size_t kMaxUnreadByRetired = 1024 * 1024;

/// How often the metrics are written: as often as they are scraped, or oftener.
inline constexpr Duration kMetricsInterval = std::chrono::seconds(10);

/// Names in a trace and in metrics are shown up to this many bytes.
inline constexpr std::size_t kMaxNameShown = 256;

/// A longer error code fits in no 64-bit integer: it does not become a label.
inline constexpr std::size_t kMaxErrorCode = 20;

/// Of a W3C traceparent this much is read: all that version 00 has, and whether there is more, which
/// only later versions may have, of any length.
inline constexpr std::size_t kTraceparentRead = 56;

/// Longer texts are no protocol version.
inline constexpr std::size_t kMaxVersionText = 64;

/// A record has this much of a line of noise or stderr, and of one that is too long.
inline constexpr std::size_t kMaxRecordedText = 4096;

/// A line this long takes so long to check that the time is read anew before its outcome is told.
inline constexpr std::size_t kLongToCheck = 64 * 1024;

/// A line of the server's stderr in our log has at most this much. A stack trace on one line fits.
inline constexpr std::size_t kMaxLoggedLine = 8 * 1024;

/// A read of the server's stderr. When the server has ended, only this many reads follow: a pipe's
/// worth and more, and a descendant that goes on writing cannot hold the gate.
inline constexpr std::size_t kStderrRead = 16 * 1024;
inline constexpr std::size_t kMaxDrainReads = kStderrSlack / kStderrRead;

/// Restarts are counted within this time. The pause before one doubles with each, so that a server
/// that always crashes at once costs little, and one that crashes once is back at once.
inline constexpr Duration kRestartWindow = std::chrono::seconds(60);
inline constexpr Duration kFirstRestartPause = std::chrono::milliseconds(100);
inline constexpr Duration kLongestRestartPause = std::chrono::seconds(5);

/// What a server leaves behind: how long a process may take that is just becoming a daemon, how
/// long from SIGTERM to SIGKILL, when to give up one that SIGKILL has not ended (the kernel holds
/// it), and how often it is looked at, unless a child ends meanwhile.
inline constexpr Duration kSettleTime = std::chrono::milliseconds(50);
inline constexpr Duration kTermTime = std::chrono::milliseconds(500);
inline constexpr Duration kKillTime = std::chrono::seconds(5);
inline constexpr Duration kPassTime = std::chrono::milliseconds(20);

/// The same for the processes of a watcher that was killed. The gate does nothing else meanwhile.
inline constexpr int kMaxPasses = 100;
inline constexpr int kPassMs = 1;

/// How long the gate waits at its end for a watcher that has nothing left to do.
inline constexpr int kLastWaitMs = 200;

/// A limit that no option changes.
struct FixedLimit {
  std::string_view name;
  std::variant<std::uint64_t, Duration> value;
  std::string_view sentence;
};

inline constexpr FixedLimit kFixedLimits[] = {
    {"reserve", std::uint64_t{Router::kReserve},
     "slots beyond --max-in-flight for requests that slow work must not starve"},
    {"server-requests", std::uint64_t{Router::kMaxServerRequests},
     "open requests of the servers; when full, the oldest ping makes room, or the new one is refused"},
    {"kept", std::uint64_t{Router::kMaxKept},
     "bytes of requests kept to be sent to another server; the log names what does not fit"},
    {"servers", std::uint64_t{Router::kMaxServers},
     "servers at once, those that are being closed included; a reload or restart beyond that waits"},
    {"batch", std::uint64_t{Router::kMaxBatch}, "requests in a batch; those beyond are refused"},
    {"elements", std::uint64_t{Router::kMaxElements}, "elements in an array of either side"},
    {"open-batches", std::uint64_t{Router::kMaxOpenBatches},
     "batches whose answers are being gathered; the requests of one more are refused"},
    {"gathered", std::uint64_t{Router::kMaxGathered},
     "bytes of answers that wait for the others of their batch; an answer beyond that becomes "
     "-31005"},
    {"depth", std::uint64_t{MessageParser::kMaxDepth}, "levels of nesting in a line"},
    {"id", std::uint64_t{MessageParser::kMaxIdLength},
     "bytes of a request's id, and of a progress token that moves a deadline"},
    {"waiting", std::uint64_t{kHighWater},
     "bytes of forwarded lines queued for one side; above that, the gate stops reading from the sender"},
    {"replies", std::uint64_t{kMaxReplies},
     "bytes of the gate's own replies queued for one side; above that, it stops reading from that side"},
    {"stderr", std::uint64_t{kStderrRoom}, "bytes queued for our stderr; then the server waits"},
    {"stderr-wait", kNoReader,
     "how long stderr may be blocked before all but the newest lines are dropped"},
    {"stderr-kept", std::uint64_t{kStderrKept}, "bytes of lines that are kept then"},
    {"noise", std::uint64_t{kMaxNoise},
     "bytes passed on of a line of the server that is not a message"},
    {"fifo", std::uint64_t{kFileRoom},
     "bytes kept for a log, trace or record that is a FIFO and full; lines beyond are lost"},
    {"fifo-end", kFileEnd, "how long its reader has at the end to take what is kept"},
    {"error-stderr", std::uint64_t{kMaxErrorStderr}, "bytes of the server's stderr in an error"},
    {"ended-tokens", std::uint64_t{kMaxEndedTokens},
     "progress tokens of requests without an answer that are remembered, to drop late progress"},
    {"methods", std::uint64_t{kMaxMethods}, "methods counted by name; the others count as one"},
    {"not-started", kNotStartedLinger,
     "how long the gate stays to answer requests with the reason when COMMAND cannot be run"},
    {"silence", kSilence,
     "how long a script's end of input is held back from a server that has said nothing"},
    {"signal-grace", kSignalGrace, "the grace after a signal to the gate, unless --grace is given"},
    {"interrupt", kInterrupted,
     "how long after SIGINT a server's end is taken for what the user wants, unless it has answered since"},
    {"last-moment", kLastMoment,
     "how long a server that has closed its stdin may take to end before another gets the requests"},
    {"restart-pause", kLongestRestartPause, "the longest pause before a restart"},
    {"left-behind", kTermTime, "from SIGTERM to SIGKILL for what a server leaves behind"},
};

}  // namespace stdiogate
