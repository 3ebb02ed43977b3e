#include "base/metrics.h"

#include <diffo/result.h>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <stdexcept>

namespace diffo {
namespace {

using Labels = std::map<std::string, std::string>;

/// The series of a builder's metric. The library throws on names it does not take, which only our
/// own code chooses.
template <typename Builder, typename... Arguments>
auto& series(Builder builder, prometheus::Registry& registry, const std::string& name,
             const std::string& help, const MetricLabels& labels, Arguments&&... arguments) {
  try {
    auto& family = builder.Name(name).Help(help).Register(registry);
    return family.Add(Labels(labels.begin(), labels.end()), std::forward<Arguments>(arguments)...);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "diffo: metric %s: %s\n", name.c_str(), failure.what());
    std::abort();
  }
}

} // namespace

struct Metrics::Registry {
  prometheus::Registry registry;
};

void Counter::add(double amount) const {
  counter_->Increment(amount);
}
void Gauge::set(double value) const {
  gauge_->Set(value);
}
void Gauge::add(double amount) const {
  gauge_->Increment(amount);
}
void Histogram::observe(double value) const {
  histogram_->Observe(value);
}

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help,
                         const MetricLabels& labels) {
  return Counter(series(prometheus::BuildCounter(), registry_->registry, name, help, labels));
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
  return Gauge(series(prometheus::BuildGauge(), registry_->registry, name, help, labels));
}

Histogram Metrics::histogram(const std::string& name, const std::string& help,
                             const std::vector<double>& bounds, const MetricLabels& labels) {
  return Histogram(
      series(prometheus::BuildHistogram(), registry_->registry, name, help, labels, bounds));
}

std::vector<double> Metrics::request_seconds() {
  return {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
          0.05,    0.1,    0.25,    0.5,    1,     2.5,    5,     10};
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_->registry.Collect());
}

} // namespace diffo
