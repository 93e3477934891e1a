// Writes what a shell's completion has of the table of options: rows bash|zsh|fish

#include <cstdio>
#include <string>
#include <string_view>

#include "src/gate/options.h"

namespace {

using stdiogate::OptionInfo;

bool takes_file(const OptionInfo& option) {
  return option.argument == "FILE";
}

/// The values of a fixed list, with a blank between two; empty: there is no such list.
std::string listed_values(const OptionInfo& option) {
  std::string out;
  for (const std::string_view name : option.names)
    out.append(out.empty() ? "" : " ").append(name);
  return out;
}

/// `text` with each of the characters in `special` behind a backslash.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// `text` as a word in single quotes of a POSIX shell.
std::string word(std::string_view text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// An element of an associative array: nothing, FILE, the values there are, or - for any.
std::string bash(const OptionInfo& option) {
  std::string values = takes_file(option) ? "FILE" : listed_values(option);
  if (values.empty() && !option.argument.empty()) values = "-";
  return "  [" + std::string(option.name) + "]='" + values + "'\n";
}

/// A word of the call of _arguments.
std::string zsh(const OptionInfo& option) {
  std::string spec = option.repeats ? "*" : "";
  spec.append(option.name);
  if (option.set) spec += '=';
  spec.append("[").append(escaped(option.sentence, "[]:\\")).append("]");
  if (!option.argument.empty()) {
    spec.append(":").append(escaped(option.argument, "[]:\\")).append(":");
    if (takes_file(option))
      spec += "_files";
    else if (const std::string values = listed_values(option); !values.empty())
      spec += "(" + values + ")";
    else
      spec += " ";
  }
  return "  " + word(spec) + " \\\n";
}

/// A call of complete, and what tells an option's value from the command.
std::string fish(const OptionInfo& option) {
  std::string out = "complete -c stdiogate -n 'not __stdiogate_command' -l ";
  out.append(option.name.substr(2));
  if (takes_file(option))
    out += " -r -F";
  else if (!option.argument.empty())
    out += " -x";
  if (const std::string values = listed_values(option); !values.empty())
    out += " -a '" + values + "'";
  out += " -d '" + escaped(option.sentence, "'\\") + "'\n";
  if (!option.argument.empty())
    out.append("set -a __stdiogate_with_value ").append(option.name).append("\n");
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view shell = argc == 2 ? argv[1] : "";
  std::string (*row)(const OptionInfo&) = nullptr;
  if (shell == "bash") row = bash;
  if (shell == "zsh") row = zsh;
  if (shell == "fish") row = fish;
  if (!row) {
    (void)std::fprintf(stderr, "usage: rows bash|zsh|fish\n");
    return 2;
  }
  for (const OptionInfo& option : stdiogate::all_options())
    (void)std::fputs(row(option).c_str(), stdout);
  return 0;
}
