#include <algorithm>
#include <charconv>

#include "tests/proof/simulation/world.h"

// What came out against what the model says, and the rest of what must hold after every line.
namespace stdiogate::simulation {

void World::compare(bool in_order) {
  constexpr const char* kTo[] = {"-> server 0", "-> server 1", "-> server 2", "-> server 3"};
  for (std::size_t i = 0; i < to_servers_.size(); ++i)
    compare_lines(to_servers_[i], model_.to_servers[i], in_order, kTo[i]);
  compare_lines(to_client_, model_.to_client, in_order, "-> client");
  if (!failure_) check_state();
  if (!failure_) check_counts();
}

void World::compare_lines(LineWriter& writer, std::vector<Expected>& expected, bool in_order,
                          const char* to) {
  out_ = writer.bytes();
  writer.clear();
  std::string_view rest = out_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    show(to, line);
    std::size_t i = 0;
    while (i < expected.size() && !matches(line, expected[i]) && !in_order)
      ++i;
    if (i == expected.size() || (in_order && !matches(line, expected[i])))
      return fail(std::string(to) + " came, not expected: " + std::string(line));
    expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (!expected.empty()) fail(std::string(to) + " did not come: " + expected[0].head);
}

bool World::matches(std::string_view line, const Expected& expected) {
  if (!expected.elements.empty()) return matches_array(line, expected);
  if (expected.between == Expected::Between::nothing) return line == expected.head;
  if (line.size() < expected.head.size() + expected.tail.size() ||
      !line.starts_with(expected.head) || !line.ends_with(expected.tail))
    return false;
  const std::string_view between =
      line.substr(expected.head.size(), line.size() - expected.head.size() - expected.tail.size());
  if (expected.between == Expected::Between::wire_id) return matches_wire_id(between, expected);
  return line.find(expected.inside) != std::string_view::npos;
}

/// A wire id that was not seen before is noted; it must be a new one.
bool World::matches_wire_id(std::string_view text, const Expected& expected) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  if (number == 0 || number >= std::uint64_t{1} << 53) return false;
  auto& known = expected.of_server ? model_.server_wire_ids : model_.wire_ids;
  if (known[expected.serial] == 0) {
    if (std::ranges::find(known, number) != known.end()) return false;
    known[expected.serial] = number;
  }
  return known[expected.serial] == number;
}

bool World::matches_array(std::string_view line, const Expected& expected) {
  std::vector<const Expected*> left;
  for (const Expected& element : expected.elements)
    left.push_back(&element);
  if (!line.starts_with('[')) return false;
  while (!left.empty()) {
    line.remove_prefix(1);
    std::string_view found;
    const auto which = std::ranges::find_if(left, [&](const Expected* element) {
      if (!line.starts_with(element->head)) return false;
      // Only errors of the gate's own are open at the end: they end where their data does.
      const bool exact = element->between == Expected::Between::nothing;
      const std::size_t end = exact ? element->head.size() : line.find("}}}") + 3;
      found = line.substr(0, end);
      return matches(found, *element);
    });
    if (which == left.end()) return false;
    line.remove_prefix(found.size());
    left.erase(which);
    if (!line.starts_with(left.empty() ? ']' : ',')) return false;
  }
  return line == "]";
}

void World::check_state() {
  if (router_.in_flight() != model_.in_flight()) return fail("in_flight is wrong");
  if (router_.is_opening_session() != model_.is_opening_session())
    return fail("is_opening_session is wrong");
  for (Router::ServerNumber i = 0; i < Router::kMaxServers; ++i) {
    if (router_.server_state(i) != model_.states[i]) return fail("server_state is wrong");
    if (router_.busy(i) != model_.busy(i)) return fail("busy is wrong");
  }
  if (router_.in_flight() > config_.max_in_flight + Router::kReserve)
    return fail("there are more in flight than the limit allows");
  if (router_.awaited() != model_.awaited()) return fail("awaited is wrong");
  // It may be too early, where what was due then has ended; never too late.
  const auto next = router_.next_deadline();
  if (const auto due = model_.next_deadline(); due && (!next || *next > *due))
    return fail("next_deadline is too late");
  if ((told_of_duplicate_ == 1) != model_.told_of_duplicate || told_of_duplicate_ > 1)
    return fail("an id that is used twice was told of too often, or not at all");
}

void World::check_counts() {
  const Statistics& counted = counter_.counts();
  Statistics right = model_.counts;
  // Counted when they are handed over for the first time, or end.
  right.requests -=
      static_cast<std::uint64_t>(std::ranges::count(model_.waiting, false, &Asked::is_again));
  constexpr std::uint64_t Statistics::*kCompared[] = {
      &Statistics::requests,      &Statistics::answers,         &Statistics::errors,
      &Statistics::in_flight_max, &Statistics::waiting_max,     &Statistics::refused,
      &Statistics::timed_out,     &Statistics::cancelled,       &Statistics::late_answers,
      &Statistics::stray_answers, &Statistics::noise_lines,     &Statistics::stray_notifications,
      &Statistics::invalid_lines, &Statistics::server_requests, &Statistics::invalid_answers,
      &Statistics::echoes};
  for (const StatisticInfo& statistic : all_statistics()) {
    const auto value = statistic.member;
    if (std::ranges::find(kCompared, value) == std::end(kCompared)) continue;
    if (counted.*value != right.*value)
      return fail("the statistic " + std::string(statistic.name) + " is " +
                  std::to_string(counted.*value) + ", not " + std::to_string(right.*value));
  }
}

}  // namespace stdiogate::simulation
