#pragma once

#include <cstdint>
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
  bool may_use_reserve = false;  // must not be starved by slow work
  Duration timeout{};            // zero: waits for ever
};

/// The methods seen so far, each under a small number. A client's names are kept up to kMaxMethods
/// in all and kMaxName bytes each; what comes after, or is longer, is kOther.
class Methods {
 public:
  static constexpr std::size_t kMaxMethods = 256;
  static constexpr std::size_t kMaxName = 256;

  // The numbers of those that have rules of their own.
  static constexpr std::uint32_t kOther = 0;
  static constexpr std::uint32_t kInitialize = 1;
  static constexpr std::uint32_t kListen = 2;
  static constexpr std::uint32_t kToolsCall = 3;

  explicit Methods(const RouterConfig& config);

  /// The number of the method of this name; the same one each time.
  [[nodiscard]] std::uint32_t number_of(std::string_view name);

  [[nodiscard]] const Method& operator[](std::uint32_t number) const { return methods_[number]; }

  /// How long a request of this method may take; `tool`: the name of the tool it calls, or empty.
  [[nodiscard]] Duration timeout(std::uint32_t number, std::string_view tool) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class Value>
  using Map = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  std::uint32_t add(std::string_view name);
  std::uint32_t known_or_added(std::string_view name);

  Duration default_timeout_;
  std::vector<Method> methods_;
  Map<std::uint32_t> numbers_;
  Map<Duration> tool_timeouts_;
  std::uint32_t last_ = kOther;  // most lines say what the line before said
};

}  // namespace stdiogate
