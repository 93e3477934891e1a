#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Lines that are known by how they were made: nobody has to read one to know what it says. What
/// the model goes by, and the only place where the simulation writes JSON.
namespace stdiogate::simulation {

/// An id, or a progress token, as it is spelled and what it stands for.
struct Id {
  std::string text{};        // JSON; empty: there is none
  std::uint64_t key = 0;     // the same for all spellings of one id, and for no other
  std::uint64_t number = 0;  // the whole number it is or holds as a string; 0: none
};

/// One of a few dozen values, in one of its spellings.
[[nodiscard]] Id some_id(std::uint32_t which, std::uint32_t spelling);

/// A wire id as a server may spell it; `spelling` 0: as it was given.
[[nodiscard]] Id wire_id(std::uint64_t number, std::uint32_t spelling);

/// The key of the other form of a whole number: as a string, or as a number; none for all others.
[[nodiscard]] std::optional<std::uint64_t> other_key(const Id& id);

enum class Method : std::uint8_t {
  plain,
  slow_tool,
  other_tool,
  prompt,
  start,
  ping,
  listen,
  elicit,  // of a server
};
inline constexpr std::uint32_t kMethods = 7;  // of a client

enum class Say : std::uint8_t {
  blank,
  request,
  notification,
  progress,
  cancel,
  soft_cancel,
  answer,
  invalid,
  batch,
};

/// What a server answers to `initialize`.
struct Terms {
  std::string_view version{};  // of the protocol; empty: it does not say
  std::uint32_t lists = 0;     // of kLists, a bit for each: it tells when they change
};

inline constexpr std::array<std::string_view, 3> kLists = {"tools", "prompts", "resources"};

struct Place {
  std::size_t offset = 0;
  std::size_t length = 0;  // 0: there is no such place
};

struct Sent {
  Say say = Say::blank;
  std::string line{};
  Place id_place{};            // of `id` in the line
  Place subscription_place{};  // of `subscription`
  Place token_place{};         // of `token`, of progress
  Id id{};                     // of a request or an answer; the one a cancel names
  Id token{};                  // the one asked for, or the one of progress
  Id subscription{};
  Method method{};
  bool is_initialized = false;   // of a notification
  bool is_error = false;         // of an answer
  Terms terms{};                 // of an answer
  std::uint64_t shown = 0;       // of what is invalid: the wire id it shows an answer to, or 0
  int code = 0;                  // of what is invalid, if a client has sent it; `id`: the reply's
  std::vector<Sent> elements{};  // of a batch
};

/// The makers. `marker` makes the line one of its kind; `style` chooses among ways to write it.
[[nodiscard]] Sent blank(std::uint32_t which);
[[nodiscard]] Sent request(const Id& id, Method method, const Id& token, std::uint32_t marker,
                           std::uint32_t style);
[[nodiscard]] Sent notification(std::uint32_t marker, const Id& subscription);
[[nodiscard]] Sent initialized(std::uint32_t marker);
[[nodiscard]] Sent progress(const Id& token, std::uint32_t marker);
[[nodiscard]] Sent cancel(const Id& id, std::uint32_t marker);
[[nodiscard]] Sent soft_cancel(const Id& id, std::uint32_t marker);
[[nodiscard]] Sent answer(const Id& id, bool is_error, const Id& subscription, std::uint32_t marker,
                          std::uint32_t style);
/// Of a server that agrees to a session.
[[nodiscard]] Sent agreement(const Id& id, const Terms& terms, std::uint32_t marker);
/// The gate's own, for a server that is to take over; as it comes out but for the wire id.
[[nodiscard]] Sent ping();
[[nodiscard]] Sent anonymous_error(std::uint32_t marker);
/// What is no message; `only_json`: it may stand in an array.
[[nodiscard]] Sent invalid(std::uint32_t which, bool only_json);
/// An answer that is no JSON: its end is missing.
[[nodiscard]] Sent broken(Sent answer);
[[nodiscard]] std::string_view name_of(Method method);
[[nodiscard]] Sent batch(std::vector<Sent> elements, std::uint32_t style);
/// Makes the line `length` bytes long by what stands at the end of it, if it is shorter.
void pad(Sent& sent, std::size_t length);

/// Progress with its token replaced.
[[nodiscard]] std::string with_token(const Sent& sent, std::string_view token);

/// The line with its ids replaced; an empty replacement leaves what is there.
[[nodiscard]] std::string edited(const Sent& sent, std::string_view id,
                                 std::string_view subscription);

}  // namespace stdiogate::simulation
