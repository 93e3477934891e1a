#include "src/report/metrics.h"

#include "tests/support/catch.h"

using namespace stdiogate;
using namespace std::chrono_literals;

namespace {

void ended(Metrics& metrics, const std::string& method, const std::string& tool, Duration took) {
  const Details details{{.method = method, .name = tool}, took};
  metrics.on_event({.kind = EventKind::request_ended, .details = &details});
}

bool has(const Metrics& metrics, const std::string& line) {
  return ("\n" + metrics.text({})).find("\n" + line + "\n") != std::string::npos;
}

std::string labels(const std::string& method, const std::string& tool) {
  return "{mcp_method_name=\"" + method + "\",gen_ai_tool_name=\"" + tool + "\",error_type=\"\"";
}

const std::string kName = "mcp_client_operation_duration_seconds";

}  // namespace

TEST_CASE("metrics: a duration is in each bucket from its own on, and the sum is exact") {
  Metrics metrics;
  ended(metrics, "ping", "", 20ms);
  ended(metrics, "ping", "", 20ms + 1us);
  ended(metrics, "ping", "", 301s);
  CHECK(has(metrics, kName + "_bucket" + labels("ping", "") + ",le=\"0.01\"} 0"));
  CHECK(has(metrics, kName + "_bucket" + labels("ping", "") + ",le=\"0.02\"} 1"));
  CHECK(has(metrics, kName + "_bucket" + labels("ping", "") + ",le=\"0.05\"} 2"));
  CHECK(has(metrics, kName + "_bucket" + labels("ping", "") + ",le=\"300\"} 2"));
  CHECK(has(metrics, kName + "_bucket" + labels("ping", "") + ",le=\"+Inf\"} 3"));
  CHECK(has(metrics, kName + "_sum" + labels("ping", "") + "} 301.040001"));
  CHECK(has(metrics, kName + "_count" + labels("ping", "") + "} 3"));
}

TEST_CASE("metrics: after 256 combinations a new name is _OTHER") {
  Metrics metrics;
  for (int i = 0; i < 300; ++i)
    ended(metrics, "tools/call", "tool" + std::to_string(i), 1ms);
  ended(metrics, "strange", "", 1ms);
  CHECK(has(metrics, kName + "_count" + labels("tools/call", "tool255") + "} 1"));
  CHECK_FALSE(has(metrics, kName + "_count" + labels("tools/call", "tool256") + "} 1"));
  CHECK(has(metrics, kName + "_count" + labels("tools/call", "_OTHER") + "} 44"));
}

TEST_CASE("metrics: a label's value is escaped") {
  Metrics metrics;
  ended(metrics, "a\"b\\c\nd", "", 1ms);
  CHECK(has(metrics, kName + "_count" + labels(R"(a\"b\\c\nd)", "") + "} 1"));
}

TEST_CASE("metrics: statistics are there by their names in snake case, gauges without _total") {
  Statistics statistics;
  statistics.in_flight_max = 7;
  statistics.late_answers = 3;
  const std::string text = Metrics().text(statistics);
  CHECK(text.find("# TYPE stdiogate_in_flight_max gauge\nstdiogate_in_flight_max 7\n") !=
        std::string::npos);
  CHECK(
      text.find("# TYPE stdiogate_late_answers_total counter\nstdiogate_late_answers_total 3\n") !=
      std::string::npos);
  CHECK(text.ends_with("\n# EOF\n"));
}
