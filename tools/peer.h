#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A scripted partner for tests: sends and expects lines over two descriptors. The stub server
/// speaks this language on its stdin and stdout; cli-tests plays the client in it.
///
///     send TEXT           write TEXT and a newline
///     send-raw TEXT       write TEXT alone; \n \r \t \0 \\ and \xHH mean what they do in C
///     expect TEXT         the next line is TEXT
///     like TEXT           the next line is TEXT, where each * matches anything
///     skip N              read N lines, whatever they are
///     any-order N         the next N commands (expect or like) match the next N lines, in any order
///     expect-end          the other side has closed, and no line is left
///     repeat N COMMAND    run COMMAND N times, with 1, 2, ... N in place of #
///     # ...               a remark
///
/// $NAME in a TEXT is replaced by the value of that name. In `expect` and `like` a name without a
/// value takes the JSON number or string at its place in the line.
namespace peer {

/// Reads lines from a descriptor; waits for them at most `patience` each, so that a test that hangs
/// ends and says where.
class LineSource {
 public:
  explicit LineSource(int fd, std::chrono::milliseconds patience) : fd_(fd), patience_(patience) {}

  /// The next line without its newline; nothing at the end. What is left at the end without a
  /// newline is a line. Throws std::runtime_error when patience runs out.
  std::optional<std::string> next();

 private:
  bool fill();

  int fd_;
  std::chrono::milliseconds patience_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of the next line
  std::size_t scanned_ = 0;  // no newline between begin_ and here
};

class Peer {
 public:
  Peer(int in, int out, std::chrono::milliseconds patience) : in_(in, patience), out_(out) {}
  virtual ~Peer() = default;

  /// Runs a script, a command a line. Throws std::runtime_error that says which line failed and
  /// why.
  void run(const std::string& name, const std::string& script);

  /// Binds $name.
  void set(const std::string& name, const std::string& value) { names_[name] = value; }

 protected:
  /// Runs one command. Those that are not common to all peers are the subclass's: it returns false
  /// for one it does not know.
  virtual bool run_special(std::string_view command, std::string_view rest) = 0;

  virtual void send(const std::string& bytes);
  virtual std::string next_line();
  [[nodiscard]] LineSource& in() { return in_; }
  [[nodiscard]] std::string substituted(std::string_view text) const;
  /// Whether the line is as the pattern has it; binds names.
  bool matches(std::string_view line, std::string_view pattern, bool wildcards);

 private:
  void run_command(std::string_view line);
  void expect(std::string_view pattern, bool wildcards);
  void expect_any_order();

  struct Expectation {
    std::string pattern;
    bool wildcards;
  };

  LineSource in_;
  int out_;
  std::map<std::string, std::string, std::less<>> names_;
  std::vector<Expectation> any_order_;  // collected so far
  std::size_t any_order_wanted_ = 0;
};

/// What a script writes as \n, \xHH and so on.
std::string unescaped(std::string_view text);

/// The number in `text`, or an exception that names it.
std::size_t number(std::string_view text);

/// The number of a signal by its name without SIG.
int signal_number(std::string_view name);

/// Splits off the first word.
std::string_view take_word(std::string_view& text);

/// The contents of a file. Throws if it cannot be read.
std::string contents(const std::string& path);

}  // namespace peer
