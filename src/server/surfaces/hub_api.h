#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/hub/event_delivery.h"
#include "server/services.h"
#include "server/surfaces/mounts.h"

#include <string>

namespace diffo::server {

/// The hubs of all interfaces and of topics (TMF688): who wants to be told of events (tmf.md §1.5,
/// wire.md §10). A subscription is of one interface and version, or of one topic; each of their
/// mounts shows it. Thread rule: any thread.
class HubApi {
public:
  HubApi(Services& services, EventDelivery& delivery) : services_(services), delivery_(delivery) {}
  void add_routes(http::Router& router) const;

private:
  /// `hub`: the path of the subscriptions.
  void add_routes(http::Router& router, const Mount& mount, const std::string& hub) const;
  Result<void> subscribe(const CallRef& call, const Mount& mount) const;
  Result<void> answer_list(Call& call, const Mount& mount) const;
  Result<void> answer_one(Call& call, const Mount& mount) const;
  Result<void> unsubscribe(const CallRef& call, const Mount& mount) const;

  Services& services_;
  EventDelivery& delivery_;
};

} // namespace diffo::server
