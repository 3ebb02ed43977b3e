#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/hub/event_delivery.h"
#include "server/services.h"

#include <functional>

namespace diffo::server {

/// How events reach their subscribers, for whoever operates the server (wire.md §10). Thread rule:
/// handlers on I/O threads; they answer on workers.
class HubsApi {
public:
  HubsApi(Services& services, EventDelivery& delivery) : services_(services), delivery_(delivery) {}
  void add_routes(http::Router& router) const;

private:
  [[nodiscard]] json::Value view(const graph::Key& key, const Subscription& subscription,
                                 const std::string& origin) const;
  Result<void> answer_list(Call& call) const;
  Result<void> answer_one(Call& call) const;
  Result<void> resend(Call& call) const;
  void change(const CallRef& call, std::function<Result<void>(Subscription&)> edit) const;
  Result<void> park(const CallRef& call) const;
  void resume(const CallRef& call) const;

  Services& services_;
  EventDelivery& delivery_;
};

} // namespace diffo::server
