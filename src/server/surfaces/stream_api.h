#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"
#include "server/surfaces/stream_hub.h"

namespace diffo::server {

/// GET /diffo/v1/stream (wire.md §7.1): what becomes of what is outstanding, as it happens. Thread
/// rule: handlers on I/O threads.
class StreamApi {
public:
  StreamApi(Services& services, StreamHub& hub) : services_(services), hub_(hub) {}
  void add_routes(http::Router& router);

private:
  Result<void> open(Call& call, graph::Sequence newest) const;

  Services& services_;
  StreamHub& hub_;
};

} // namespace diffo::server
