#pragma once

#include "graph/store.h"
#include "server/hub/subscription.h"

#include <functional>

/// The subscriptions that a store has. For threads that may wait.
namespace diffo::server {

/// All of a tenant, in the order in which they were made. Errors: of the store; corrupt.
Result<void>
for_each_subscription(graph::Store& store, graph::Tenant tenant,
                      const std::function<void(const graph::Key&, const Subscription&)>& visit);

/// Errors: not_found; of the store; corrupt.
Result<Subscription> find_subscription(graph::Store& store, const graph::Key& key);

} // namespace diffo::server
