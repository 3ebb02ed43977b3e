#include "base/metrics.h"

#include <doctest/doctest.h>

#include <thread>

using namespace diffo;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("metrics appear in the text with their help and labels") {
  Metrics metrics;
  metrics.counter("requests_total", "Requests.", {{"method", "GET"}}).add();
  metrics.counter("requests_total", "Requests.", {{"method", "PUT"}}).add(3);
  metrics.gauge("connections", "Open connections.").set(5);
  const Histogram times = metrics.histogram("seconds", "Times.", {0.1, 1});
  times.observe(0.05);
  times.observe(0.5);
  times.observe(50);
  const std::string text = metrics.text();
  CHECK(has_line(text, "# HELP requests_total Requests."));
  CHECK(has_line(text, "# TYPE requests_total counter"));
  CHECK(has_line(text, "requests_total{method=\"GET\"} 1"));
  CHECK(has_line(text, "requests_total{method=\"PUT\"} 3"));
  CHECK(has_line(text, "connections 5"));
  CHECK(has_line(text, "seconds_bucket{le=\"0.1\"} 1"));
  CHECK(has_line(text, "seconds_bucket{le=\"1\"} 2"));
  CHECK(has_line(text, "seconds_bucket{le=\"+Inf\"} 3"));
  CHECK(has_line(text, "seconds_count 3"));
}

TEST_CASE("asking again gives the same series, from any thread") {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int count = 0; count < 4; ++count) {
    threads.emplace_back([&metrics] {
      for (int index = 0; index < 1000; ++index)
        metrics.counter("events_total", "Events.").add();
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(has_line(metrics.text(), "events_total 4000"));
}

TEST_CASE("registries are independent") {
  Metrics one;
  const Metrics two;
  one.gauge("level", "A level.").add(1);
  CHECK(two.text().empty());
}
