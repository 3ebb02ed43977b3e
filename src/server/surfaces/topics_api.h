#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"
#include "server/surfaces/mounts.h"

namespace diffo::server {

/// The events of a topic (TMF688), those of the past: made of the journal as far as it goes back.
/// Topics themselves are documents like others, and their hubs are HubApi's. Thread rule: handlers
/// on I/O threads; they answer on workers.
class TopicsApi {
public:
  explicit TopicsApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router) const;

private:
  Result<void> answer_list(Call& call, const Mount& mount) const;
  Result<void> answer_one(Call& call, const Mount& mount) const;

  Services& services_;
};

} // namespace diffo::server
