#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"

namespace diffo::server {

/// What operators and tools ask of a server: `/`, `/health`, `/ready`, `/metrics`, `/openapi/…`;
/// of whoever prefers HTML, as pages. Thread rule: I/O threads.
class Operations {
public:
  explicit Operations(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  void root(CallRef call) const;
  void health(CallRef call) const;
  void ready(CallRef call) const;
  void metrics(CallRef call) const;
  void openapi_index(CallRef call) const;
  void openapi(CallRef call) const;

  Services& services_;
};

} // namespace diffo::server
