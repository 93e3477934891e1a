#include <cstring>
#include <string>
#include <vector>

#include "stdiogate/line_reader.h"
#include "stdiogate/line_writer.h"

#include "tests/proof/fuzz/targets.h"

namespace stdiogate::fuzz {

namespace {

struct Read {
  std::string bytes;
  bool overlong = false;
  bool operator==(const Read&) const = default;
};

/// What the lines are, found in the simplest way.
std::vector<Read> split(std::string_view bytes, std::size_t max_line) {
  std::vector<Read> lines;
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    std::string_view line = bytes.substr(0, newline);
    bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({std::string(line), line.size() > max_line});
  }
  return lines;
}

/// Takes what waits, `step` bytes at a time.
void drain(LineWriter& writer, std::size_t step, std::string& out) {
  while (!writer.empty()) {
    const std::string_view part = writer.bytes().substr(0, step);
    must(!part.empty(), "the writer has bytes, and shows none");
    out += part;
    writer.consume(part.size());
  }
}

}  // namespace

void lines(std::string_view input) {
  if (input.size() < 3) return;
  const std::size_t max_line = 1 + static_cast<unsigned char>(input[0]);
  const std::size_t chunk = 1 + static_cast<unsigned char>(input[1]) % 32;
  const std::size_t step = 1 + static_cast<unsigned char>(input[2]);
  input.remove_prefix(3);

  const std::vector<Read> right = split(input, max_line);
  LineReader reader(max_line);
  LineWriter writer;
  std::vector<Read> lines;
  bool in_overlong = false;  // more of it comes
  std::string written;
  std::string expected;
  for (std::string_view rest = input;;) {
    const std::string_view bytes = rest.substr(0, chunk);
    rest.remove_prefix(bytes.size());
    const auto room = reader.room();
    must(room.size() >= LineReader::kChunk, "there is less room than promised");
    std::memcpy(room.data(), bytes.data(), bytes.size());
    reader.commit(bytes.size());
    if (rest.empty()) reader.end();
    const std::string_view whole = reader.whole_lines();
    must(whole.empty() || whole.ends_with('\n'), "what is whole ends in the middle of a line");
    while (const auto line = reader.next()) {
      const bool ahead = line->bytes.data() + line->bytes.size() < whole.data() + whole.size();
      must(ahead || line->overlong || rest.empty(), "a line was not among the whole ones");
      if (in_overlong) {
        lines.back().bytes += line->bytes;
      } else {
        lines.push_back({std::string(line->bytes), line->overlong});
      }
      in_overlong = !line->ends;
      writer.append(line->bytes);
      expected.append(line->bytes).append("\n");
    }
    drain(writer, step, written);
    if (rest.empty()) break;
  }
  must(lines == right, "the lines are not what they are");
  must(written == expected, "what was written is not what was appended");
}

}  // namespace stdiogate::fuzz
