#include "server/hub/subscriptions.h"

#include "model/kinds.h"
#include "rules/instances.h"
#include "server/each_record.h"

namespace diffo::server {

Result<void>
for_each_subscription(graph::Store& store, graph::Tenant tenant,
                      const std::function<void(const graph::Key&, const Subscription&)>& visit) {
  return each_record(
      store, {}, tenant, model::family_subscription,
      [&visit](const graph::Record& record, const graph::Schema& schema) -> Result<void> {
        visit(record.key(), TRY(stored_subscription(record, schema)));
        return {};
      });
}

Result<Subscription> find_subscription(graph::Store& store, const graph::Key& key) {
  graph::Subgraph subgraph = TRY(graph::read_and_wait(store, {}, {.records = {key}}));
  const graph::RecordRef record = subgraph.find(key);
  if (!record)
    return rules::not_found(subgraph.schema(), key);
  return stored_subscription(*record, subgraph.schema());
}

} // namespace diffo::server
