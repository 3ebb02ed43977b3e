#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
} // namespace prometheus

namespace diffo {

/// What distinguishes the series of one metric: names and values. Values must come from a small
/// closed set, never from a request.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// A count that only grows. A light handle, valid while its Metrics lives. Any thread.
class Counter {
public:
  void add(double amount = 1) const;

private:
  friend class Metrics;
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  prometheus::Counter* counter_;
};

/// A level that goes up and down. A light handle, valid while its Metrics lives. Any thread.
class Gauge {
public:
  void set(double value) const;
  void add(double amount) const;

private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  prometheus::Gauge* gauge_;
};

/// How observations spread over buckets. A light handle, valid while its Metrics lives. Any thread.
class Histogram {
public:
  void observe(double value) const;

private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  prometheus::Histogram* histogram_;
};

/// All metrics of one server; made once and passed to what measures. Asking again for a name and
/// labels gives the same series. A name that is not one of Prometheus's, or is used for two kinds
/// of metric, is our own mistake (DIFFO_ASSERT). Any thread.
class Metrics {
public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  Counter counter(const std::string& name, const std::string& help,
                  const MetricLabels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  /// `bounds` are the upper ends of the buckets, ascending.
  Histogram histogram(const std::string& name, const std::string& help,
                      const std::vector<double>& bounds, const MetricLabels& labels = {});

  /// Bounds in seconds that suit the times of requests, from 50 µs to 10 s.
  static std::vector<double> request_seconds();

  /// All series in the Prometheus text format 0.0.4.
  [[nodiscard]] std::string text() const;

private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

} // namespace diffo
