#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/json/members.h"

namespace stdiogate::json {

/// What the top level of a line shows that is not valid, or is too long to keep: its id, whether it
/// calls a method, whether it answers. Takes the line in pieces and keeps at most a name or an id
/// of it. Members are told apart by brackets and strings only, whatever else is wrong.
class Skim {
 public:
  static constexpr std::size_t kMaxText = 1024;  // as long as an id may be, quotes included

  Skim() = default;
  explicit Skim(std::string_view line) { feed(line); }

  void feed(std::string_view piece);

  /// Where the object ends, in bytes from the first; where the line ends if it does not.
  [[nodiscard]] std::size_t end() const { return seen_; }

  /// The JSON text of the id; empty unless there is exactly one, whole, a string or a number.
  [[nodiscard]] std::string_view id() const { return ids_ == 1 ? std::string_view(id_) : ""; }
  /// Where it ends, in bytes from the first.
  [[nodiscard]] std::size_t id_end() const { return id_end_; }
  /// Whether it is an answer: a `result` or an `error`, and no `method`.
  [[nodiscard]] bool answers() const { return outcome_ && !method_; }

 private:
  void take(char c);
  void open(char bracket);
  void close();
  void end_string();
  void end_name();
  void end_value();
  void keep(char c);

  std::size_t seen_ = 0;   // bytes
  std::size_t depth_ = 0;  // 1: among the members of the message
  bool over_ = false;      // the object has ended, or the line is none
  bool in_string_ = false;
  bool escaped_ = false;  // the next byte belongs to an escape
  bool named_ = false;    // at depth 1: a value is expected, or read
  Field field_ = Field::none;
  std::string text_;       // the name, or the value if it is not nested
  bool too_long_ = false;  // there was more of it
  bool was_method_ = false;
  bool method_ = false;
  bool outcome_ = false;
  unsigned ids_ = 0;
  std::string id_;
  std::size_t id_end_ = 0;
};

}  // namespace stdiogate::json
