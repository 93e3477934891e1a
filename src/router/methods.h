#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stdiogate/clock.h"
#include "stdiogate/router.h"

namespace stdiogate {

/// What the gate has to know of a method.
struct Method {
  std::string name;
  bool may_use_reserve = false;  // slow work must not starve it
  bool keeps_line = false;       // its line may be needed again: see Session
  bool is_for_person = false;    // of a server: a person or a model at the client answers it
  Duration timeout{};            // zero: never
};

/// What a notification that cancels a request names, and whether its request ends without an
/// answer: in the Agent Client Protocol and in LSP it is answered all the same.
struct Cancel {
  std::string_view id;
  bool is_ambiguous = false;  // it has another id, too
  bool ends_request = true;
};

/// What the notification cancels; nothing if it is another.
[[nodiscard]] std::optional<Cancel> cancel_in(const Message& notification);

/// The methods seen so far, each under a small number. Up to kMaxMethods names of at most
/// kMaxMethodName bytes are kept; all others are kOther.
class Methods {
 public:
  // The numbers of those that have rules of their own, in the order of the table in methods.cc.
  enum : std::uint32_t {
    kOther,
    kInitialize,
    kListen,
    kToolsCall,
    kPing,
    kDiscover,
    kSubscribe,
    kUnsubscribe,
    kSetLevel,
    kSessionNew,
    kSessionLoad,
  };

  explicit Methods(const RouterConfig& config);

  /// The number of the method of this name; the same one each time.
  [[nodiscard]] std::uint32_t number_of(std::string_view name);

  [[nodiscard]] const Method& operator[](std::uint32_t number) const { return methods_[number]; }

  /// How long a request of this method may take; `tool`: the name of the tool it calls, or empty.
  [[nodiscard]] Duration timeout(std::uint32_t number, std::string_view tool) const {
    const bool may_have_own = number == kToolsCall && !tool_timeouts_.empty();
    return may_have_own ? tool_timeout(tool) : methods_[number].timeout;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class Value>
  using Map = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  [[nodiscard]] Duration tool_timeout(std::string_view tool) const;
  std::uint32_t add(std::string_view name);
  [[nodiscard]] std::uint32_t known_or_added(std::string_view name);

  Duration default_timeout_;
  std::vector<Method> methods_;
  Map<std::uint32_t> numbers_;
  Map<Duration> tool_timeouts_;
  std::uint32_t last_ = kOther;  // most lines say what the line before said
};

}  // namespace stdiogate
