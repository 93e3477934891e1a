#pragma once

#include <simdjson.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/gate_process.h"
#include "tools/peer.h"

/// Plays a case's client for a gate in which something has been made to fail: says what the script
/// says and takes whatever comes. What was asked and heard is printed for tests/program/faults/run
/// to judge, a word and a value a line: asked, cancelled and heard with an id as JSON, then status,
/// or hung; after the line `stderr` comes all of the gate's.
class TolerantClient final : public peer::Peer {
 public:
  explicit TolerantClient(testing::Gate& gate)
      : Peer(gate.out(), gate.in(), kForALine), gate_(gate), err_(gate.err(), kForALine) {}

  void play(const std::string& script) {
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
      try {
        run("client", line);
      } catch (const std::exception&) {  // something has gone another way
      }
    }
    gate_.close_in();
    read_to_the_end();
    try {
      note("status", std::to_string(gate_.wait(kToEnd)));
    } catch (const std::exception&) {
      note("hung", "");
    }
    std::printf("%sstderr\n%s%s", noted_.c_str(), seen_.c_str(), gate_.stderr_text.c_str());
  }

 private:
  static constexpr std::chrono::milliseconds kForALine{500};
  static constexpr std::chrono::seconds kToEnd{8};

  void note(std::string_view what, std::string_view value) {
    noted_ += what;
    noted_ += ' ';
    noted_ += value.substr(0, value.find_last_not_of(" \r") + 1);
    noted_ += '\n';
  }

  void read_to_the_end() {
    const auto until = std::chrono::steady_clock::now() + kToEnd;
    while (std::chrono::steady_clock::now() < until) {
      try {
        const auto line = in().next();
        if (!line) return;
        note_messages(*line, false);
      } catch (const std::exception&) {  // nothing has come for a while
      }
    }
  }

  bool run_special(std::string_view command, std::string_view rest) override {
    if (command == "close") gate_.close_in();
    if (command == "close-output") gate_.close_out();
    if (command == "signal") gate_.signal(peer::signal_number(rest));
    while (command == "stderr-like") {
      const auto line = err_.next();
      if (!line) break;
      seen_ += *line + "\n";
      if (matches(*line, rest, true)) break;
    }
    return true;
  }

  void send(const std::string& bytes) override {
    note_messages(bytes, true);
    try {
      Peer::send(bytes);
    } catch (const std::exception&) {  // nobody has read it, nor perhaps what was before it
      noted_.clear();
      gate_.close_in();
    }
  }

  std::string next_line() override {
    std::string line = Peer::next_line();
    note_messages(line, false);
    return line;
  }

  void note_messages(const std::string& line, bool is_ours) {
    const simdjson::padded_string padded(line);
    simdjson::ondemand::document document;
    simdjson::ondemand::array batch;
    if (parser_.iterate(padded).get(document)) return;
    if (document.get_array().get(batch)) return note_message(document, is_ours);
    for (auto element : batch)
      note_message(element, is_ours);
  }

  /// Requests and cancels of ours, and answers to us.
  template <class Object>
  void note_message(Object&& object, bool is_ours) {
    const bool has_method = !object["method"].error();
    std::string_view id;
    if (!object["id"].raw_json_token().get(id)) {
      if (has_method == is_ours && id != "null") note(is_ours ? "asked" : "heard", id);
    } else if (is_ours && !object["params"]["requestId"].raw_json_token().get(id)) {
      note("cancelled", id);
    }
  }

  testing::Gate& gate_;
  peer::LineSource err_;
  simdjson::ondemand::parser parser_;
  std::string noted_;
  std::string seen_;  // on stderr
};
