#include "tools/bench_exchange.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace bench {

namespace {

constexpr std::string_view kHead = R"({"jsonrpc":"2.0","id":)";
constexpr std::string_view kNotification = R"({"jsonrpc":"2.0","method":)";
constexpr std::string_view kCancelled =
    R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)";
constexpr std::string_view kResult = R"(,"result":)";
constexpr std::string_view kMarker = R"("marker":)";
constexpr std::size_t kLongId = 1000;
constexpr std::size_t kMegabyte = 1024 * 1024;

std::size_t number_at(std::string_view line, std::size_t at) {
  std::size_t number = 0;
  if (at < line.size()) std::from_chars(line.data() + at, line.data() + line.size(), number);
  return number;
}

[[noreturn]] void fail(const char* what, std::string_view line) {
  throw std::runtime_error(std::string(what) + ": " + std::string(line.substr(0, 200)));
}

}  // namespace

Exchange::Exchange(const Load& load)
    : load_(load),
      id_prefix_(load.long_ids ? '"' + std::string(kLongId, 'i') : ""),
      id_suffix_(load.long_ids ? "\"" : ""),
      pad_(load.payload == 0 ? kMegabyte : load.payload, 'p'),
      open_(2 * load.window + 64) {}

void Exchange::issue(std::string& out) {
  if (load_.batch == 0) return issue_alone(out);
  for (std::size_t i = 0; i < load_.batch; ++i) {
    out += i == 0 ? '[' : ',';
    append_request(out, true);
  }
  out += "]\n";
}

void Exchange::issue_alone(std::string& out) {
  append_request(out, true);
  out += '\n';
  if (!load_.cancels || issued_ % 10 != 0) return;
  const std::string id = append_request(out, false);
  out.append("\n").append(kCancelled).append(id).append("}}\n");
}

/// The size of the next request: nearly all small, some of 10 KiB, few of 1 MiB in the mix.
std::size_t Exchange::payload() {
  if (load_.payload != 0) return load_.payload;
  const auto permille = random_() % 1000;
  if (permille < 900) return 60 + random_() % 400;
  return permille < 998 ? 10 * 1024 : kMegabyte;
}

/// Returns its id. `wanted`: an answer must come.
std::string Exchange::append_request(std::string& out, bool wanted) {
  const std::string number = std::to_string(++last_id_);
  std::string id = id_prefix_ + number + id_suffix_;
  out.append(kHead).append(id).append(R"(,"method":"tools/call","params":)");
  const std::size_t params = out.size();
  out += R"({"name":"echo",)";
  if (load_.tokens) out.append(R"("_meta":{"progressToken":)").append(number).append("},");
  out.append(kMarker).append(number).append(R"(,"pad":")");
  out.append(pad_, 0, payload()).append("\"}");
  const std::size_t params_length = out.size() - params;
  out += '}';
  if (!wanted) return id;
  Open& open = open_[last_id_ % open_.size()];
  if (open.id != 0) throw std::runtime_error("an answer is far too late");
  open = {.id = last_id_,
          .length = kHead.size() + id.size() + kResult.size() + params_length + 1,
          .asked = SteadyClock::now()};
  ++in_flight_;
  ++issued_;
  return id;
}

void Exchange::take(std::string_view line, std::vector<SteadyClock::time_point>& asked) {
  if (line.starts_with(kNotification)) return;
  const bool array = line.starts_with('[');
  if (array) line.remove_prefix(1);
  while (!line.empty()) {
    line.remove_prefix(take_answer(line, asked));
    if (array) line.remove_prefix(1);  // a comma or the bracket
  }
}

/// The answer at the front of `line`. Returns its length.
std::size_t Exchange::take_answer(std::string_view line,
                                  std::vector<SteadyClock::time_point>& asked) {
  const std::size_t id = number_at(line, kHead.size() + id_prefix_.size());
  Open& open = open_[id % open_.size()];
  if (id == 0 || open.id != id) {
    if (load_.cancels && id != 0) return line.size();  // came before its cancel
    fail("an answer to nothing", line);
  }
  const std::size_t marker = line.find(kMarker, kHead.size() + id_prefix_.size());
  const bool good = line.starts_with(kHead) && line.size() >= open.length && marker < open.length &&
                    number_at(line, marker + kMarker.size()) == id &&
                    line.substr(0, open.length).ends_with("\"}}");
  if (!good) fail("a wrong answer", line);
  asked.push_back(open.asked);
  open.id = 0;
  --in_flight_;
  return open.length;
}

}  // namespace bench
