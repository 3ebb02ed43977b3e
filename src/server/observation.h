#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "http/message.h"

#include <map>
#include <mutex>
#include <string_view>
#include <utility>

namespace diffo::server {

/// Turns finished requests into metrics and access log lines. Thread rule: any thread; cheap.
class Observation {
public:
  Observation(const Log& log, Metrics& metrics) : log_(log), metrics_(metrics) {}
  void take(const http::Exchange& exchange);

private:
  struct Series {
    Counter requests;
    Histogram seconds;
  };
  /// Routes are string literals or live as long as the router, so their address identifies them.
  using SeriesKey = std::pair<const char*, std::pair<int, int>>;
  Series& series_of(const http::Exchange& exchange);

  const Log& log_;
  Metrics& metrics_;
  std::mutex mutex_;
  std::map<SeriesKey, Series> series_;
};

} // namespace diffo::server
