#include "server/observation.h"

#include <chrono>
#include <string>

namespace diffo::server {

Observation::Series& Observation::series_of(const http::Exchange& exchange) {
  const SeriesKey key{exchange.route.data(), {static_cast<int>(exchange.method), exchange.status}};
  const std::lock_guard lock(mutex_);
  const auto found = series_.find(key);
  if (found != series_.end())
    return found->second;
  const std::string method(http::name_of(exchange.method));
  const std::string route(exchange.route.empty() ? std::string_view("none") : exchange.route);
  return series_
      .emplace(key, Series{metrics_.counter("diffo_http_requests_total", "Answered requests.",
                                            {{"method", method.empty() ? "other" : method},
                                             {"route", route},
                                             {"status", std::to_string(exchange.status)}}),
                           metrics_.histogram(
                               "diffo_http_request_seconds",
                               "From the first byte of a request to the last of its answer.",
                               Metrics::request_seconds(), {{"route", route}})})
      .first->second;
}

void Observation::take(const http::Exchange& exchange) {
  Series& series = series_of(exchange);
  series.requests.add();
  series.seconds.observe(std::chrono::duration<double>(exchange.duration).count());
  if (!log_.keeps_access())
    return;
  std::string target(exchange.path);
  if (!exchange.query.empty())
    target.append("?").append(exchange.query);
  log_.access({.client = exchange.peer,
               .user = {},
               .method = exchange.method_token,
               .target = target,
               .status = exchange.status,
               .bytes = exchange.response_bytes,
               .microseconds = exchange.duration.count(),
               .request_id = {}});
}

} // namespace diffo::server
