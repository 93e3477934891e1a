#include "tools/peer.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace peer {

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The name behind a dollar sign at the front of `text`.
std::string_view name_in(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_name(text[end]))
    ++end;
  return text.substr(1, end - 1);
}

/// The length of the JSON number or string at the front of `text`, or 0.
std::size_t scalar_length(std::string_view text) {
  if (text.empty()) return 0;
  std::size_t end = 1;
  if (text[0] == '"') {
    while (end < text.size() && text[end] != '"')
      end += text[end] == '\\' ? 2 : 1;
    return end < text.size() ? end + 1 : 0;
  }
  if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) return 0;
  while (end < text.size() &&
         std::string_view("0123456789.eE+-").find(text[end]) != std::string_view::npos)
    ++end;
  return end;
}

std::string shown(std::string_view text) {
  return text.size() > 300 ? std::string(text.substr(0, 300)) + "..." : std::string(text);
}

std::string with_counter(std::string_view text, std::size_t count) {
  std::string out;
  for (const char c : text) {
    if (c == '#') {
      out += std::to_string(count);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> LineSource::next() {
  for (;;) {
    const std::size_t newline = buffer_.find('\n', scanned_);
    if (newline != std::string::npos) {
      std::string line = buffer_.substr(begin_, newline - begin_);
      begin_ = scanned_ = newline + 1;
      return line;
    }
    buffer_.erase(0, std::exchange(begin_, 0));
    scanned_ = buffer_.size();
    if (!fill()) break;
  }
  if (buffer_.empty()) return std::nullopt;
  scanned_ = 0;
  return std::exchange(buffer_, {});
}

bool LineSource::fill() {
  pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
  int count = 0;
  do {
    count = ::poll(&ready, 1, static_cast<int>(patience_.count()));
  } while (count < 0 && errno == EINTR);
  if (count == 0) throw std::runtime_error("nothing has come for a long time");
  char chunk[65536];
  const ssize_t n = ::read(fd_, chunk, sizeof chunk);
  if (n > 0) buffer_.append(chunk, static_cast<std::size_t>(n));
  return n > 0;  // an error, such as a terminal that was hung up, is an end, too
}

void Peer::run(const std::string& name, const std::string& script) {
  std::size_t number = 0;
  for (std::string_view rest = script; !rest.empty();) {
    ++number;
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty() || line[0] == '#') continue;
    try {
      run_command(line);
    } catch (const std::exception& error) {
      throw std::runtime_error(name + ":" + std::to_string(number) + ": " + shown(line) + "\n  " +
                               error.what());
    }
  }
}

void Peer::run_command(std::string_view line) {
  std::string_view rest = line;
  const std::string_view command = take_word(rest);
  if (command == "send") {
    send(substituted(rest) + "\n");
  } else if (command == "send-raw") {
    send(unescaped(substituted(rest)));
  } else if (command == "expect" || command == "like") {
    expect(rest, command == "like");
  } else if (command == "skip") {
    for (std::size_t n = number(rest); n > 0; --n)
      (void)next_line();
  } else if (command == "any-order") {
    any_order_wanted_ = number(rest);
  } else if (command == "expect-end") {
    if (const auto line_left = in_.next())
      throw std::runtime_error("instead came: " + shown(*line_left));
  } else if (command == "repeat") {
    const std::size_t times = number(take_word(rest));
    for (std::size_t i = 1; i <= times; ++i)
      run_command(with_counter(rest, i));
  } else if (!run_special(command, rest)) {
    throw std::runtime_error("no such command");
  }
}

void Peer::expect(std::string_view pattern, bool wildcards) {
  if (any_order_wanted_ > 0) {
    any_order_.push_back({std::string(pattern), wildcards});
    if (any_order_.size() == any_order_wanted_) expect_any_order();
    return;
  }
  const std::string line = next_line();
  if (!matches(line, pattern, wildcards))
    throw std::runtime_error("expected: " + shown(substituted(pattern)) +
                             "\n  but came: " + shown(line));
}

void Peer::expect_any_order() {
  any_order_wanted_ = 0;
  auto expected = std::exchange(any_order_, {});
  while (!expected.empty()) {
    const std::string line = next_line();
    const auto met = std::find_if(expected.begin(), expected.end(), [&](const Expectation& e) {
      return matches(line, e.pattern, e.wildcards);
    });
    if (met == expected.end()) throw std::runtime_error("nothing expected this: " + shown(line));
    expected.erase(met);
  }
}

bool Peer::matches(std::string_view line, std::string_view pattern, bool wildcards) {
  while (!pattern.empty()) {
    if (wildcards && pattern[0] == '*') {
      pattern.remove_prefix(1);
      if (pattern.empty()) return true;
      for (std::size_t at = 0; at <= line.size(); ++at) {
        if (matches(line.substr(at), pattern, wildcards)) return true;
      }
      return false;
    }
    std::string_view name;
    if (pattern[0] == '$') name = name_in(pattern);
    if (!name.empty()) {
      const auto bound = names_.find(name);
      const std::size_t length = bound == names_.end()
                                     ? scalar_length(line)
                                     : (line.starts_with(bound->second) ? bound->second.size() : 0);
      if (length == 0) return false;
      if (bound == names_.end()) names_.emplace(name, line.substr(0, length));
      line.remove_prefix(length);
      pattern.remove_prefix(name.size() + 1);
      continue;
    }
    if (line.empty() || line[0] != pattern[0]) return false;
    line.remove_prefix(1);
    pattern.remove_prefix(1);
  }
  return line.empty();
}

std::string Peer::next_line() {
  auto line = in_.next();
  if (!line) throw std::runtime_error("the other side has closed");
  return std::move(*line);
}

void Peer::send(const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(out_, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "write");
    at += static_cast<std::size_t>(n);
  }
}

std::string Peer::substituted(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const std::string_view name = text[0] == '$' ? name_in(text) : std::string_view();
    const auto bound = name.empty() ? names_.end() : names_.find(name);
    if (bound == names_.end()) {
      out += text[0];
      text.remove_prefix(1);
    } else {
      out += bound->second;
      text.remove_prefix(name.size() + 1);
    }
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'x' && i + 2 < text.size()) {
      int value = 0;
      (void)std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c;
    }
  }
  return out;
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::runtime_error("not a number: " + std::string(text));
  return value;
}

int signal_number(std::string_view name) {
  constexpr std::pair<std::string_view, int> kSignals[] = {
      {"HUP", SIGHUP},   {"INT", SIGINT},   {"KILL", SIGKILL}, {"TERM", SIGTERM}, {"USR1", SIGUSR1},
      {"USR2", SIGUSR2}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}, {"SEGV", SIGSEGV}, {"ABRT", SIGABRT},
  };
  for (const auto& [known, signal] : kSignals) {
    if (known == name) return signal;
  }
  throw std::runtime_error("no such signal: " + std::string(name));
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace peer
