#include "src/report/stats.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/router_world.h"

namespace stdiogate {
namespace {

using namespace std::chrono_literals;

TEST_CASE("stats: a histogram tells percentiles to an eighth and the longest exactly") {
  Histogram histogram;
  CHECK(histogram.percentile(50) == 0s);
  for (int i = 1; i <= 1000; ++i)
    histogram.add(std::chrono::milliseconds(i));
  CHECK(histogram.count() == 1000);
  CHECK(histogram.longest() == 1s);
  for (const unsigned percent : {1u, 10u, 50u, 90u, 99u}) {
    const Duration exact = std::chrono::milliseconds(10 * percent);
    INFO(percent);
    CHECK(histogram.percentile(percent) >= exact);
    CHECK(histogram.percentile(percent) <= exact + exact / 8 + 1us);
  }
  CHECK(histogram.percentile(100) == 1s);
}

TEST_CASE("stats: a histogram holds anything from nothing to weeks") {
  for (const Duration duration : {0ns, 1ns, 1000ns, 7us + 0ns, 8us + 0ns, 9us + 0ns, 1000h + 0ns}) {
    Histogram histogram;
    histogram.add(duration);
    CHECK(histogram.percentile(50) == duration);  // never beyond the longest
    CHECK(histogram.longest() == duration);
  }
}

/// Tells it all that has happened.
void count(const RouterWorld& world, Counter& counter) {
  for (const auto& seen : world.events) {
    Event event = seen.event;
    event.id = seen.id;
    event.method = seen.method;
    event.detail = seen.detail;
    counter.on_event(event);
  }
}

TEST_CASE("stats: what happens to requests is counted, each in its place") {
  RouterConfig config;
  config.max_in_flight = 3;
  config.timeout = 5s;
  RouterWorld world(config);
  for (int i = 1; i <= 4; ++i)
    world.client(request(std::to_string(i), "tools/call"));
  const auto lines = world.at_server();
  REQUIRE(lines.size() == 3);  // one refused
  world.now += 10ms;
  world.server(result(wire_id_in(lines[0])));
  world.server(result(wire_id_in(lines[0])));  // dropped
  world.client(cancelled(2));
  world.advance(5s);  // the third
  world.client("garbage");
  world.server("garbage");
  world.server(request("0", "ping"));
  world.client(request("5"));
  world.server(error(wire_id_in(world.at_server().back())));
  world.client(request("6"));
  world.router.disconnect(0, server_exited_error({.status = 3}, "", true), world.now);

  Counter counter(35);
  count(world, counter);
  const Statistics& counts = counter.counts();
  CHECK(counts.requests == 6);
  CHECK(counts.answers == 2);
  CHECK(counts.errors == 1);
  CHECK(counts.in_flight == 0);
  CHECK(counts.in_flight_max == 3);
  CHECK(counts.slots == 35);
  CHECK(counts.refused == 1);
  CHECK(counts.timed_out == 1);
  CHECK(counts.cancelled == 1);
  CHECK(counts.server_gone == 1);
  CHECK(counts.late_answers == 1);
  CHECK(counts.noise_lines == 1);
  CHECK(counts.invalid_lines == 1);
  CHECK(counts.server_requests == 1);
  CHECK(counts.requests == counts.answers + counts.refused + counts.timed_out + counts.cancelled +
                               counts.server_gone + counts.in_flight);
}

TEST_CASE("stats: requests that wait are counted apart until the server has them or they end") {
  RouterConfig config;
  config.max_in_flight = 1;
  config.queue = 3;
  config.queue_timeout = 5s;
  RouterWorld world(config);
  for (int i = 1; i <= 5; ++i)
    world.client(request(std::to_string(i)));  // one open, three wait, one refused
  Counter counter(33);
  count(world, counter);
  CHECK(counter.counts().requests == 2);
  CHECK(counter.counts().waiting == 3);
  world.client(cancelled(2));
  world.server(result(wire_id_in(world.at_server().at(0))));  // the third is sent
  world.advance(5s);                                          // the fourth is not
  Counter at_end(33);
  count(world, at_end);
  const Statistics& counts = at_end.counts();
  CHECK(counts.requests == 5);
  CHECK(counts.waiting == 0);
  CHECK(counts.waiting_max == 3);
  CHECK(counts.refused == 2);
  CHECK(counts.cancelled == 1);
  CHECK(counts.answers == 1);
  CHECK(counts.in_flight == 1);
}

TEST_CASE("stats: a notification and an answer that belong to nothing are counted") {
  RouterWorld world;
  world.client(result(5));
  world.server(notification("n", R"({"_meta":{"io.modelcontextprotocol/subscriptionId":1}})"));
  Counter counter(1);
  count(world, counter);
  CHECK(counter.counts().stray_answers == 1);
  CHECK(counter.counts().stray_notifications == 1);
  CHECK(counter.counts().late_answers == 0);
}

TEST_CASE("stats: are shown as one JSON object, latencies by method") {
  Counter counter(132);
  Event event{.kind = EventKind::request_ended,
              .latency = 20ms,
              .wire_id = 1,
              .method_number = 2,
              .method = "m\""};
  counter.on_event(event);
  const std::string json = counter.json();
  CHECK(json.starts_with("{\"requests\":0,\"answers\":1,"));
  CHECK(json.ends_with(
      R"("latencyMs":{"m\"":{"count":1,"p50":20.000,"p90":20.000,"p99":20.000,"max":20.000}}})"));
  for (const StatisticInfo& statistic : all_statistics())
    CHECK(json.find("\"" + std::string(statistic.name) + "\":") != std::string::npos);
}

}  // namespace
}  // namespace stdiogate
