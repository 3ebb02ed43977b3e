#include "server/hub/subscriptions.h"

#include "model/kinds.h"
#include "rules/instances.h"

#include <utility>

namespace diffo::server {

Result<void>
for_each_subscription(graph::Store& store, graph::Tenant tenant,
                      const std::function<void(const graph::Key&, const Subscription&)>& visit) {
  graph::Query query;
  query.tenant = tenant;
  query.families = {model::family_subscription};
  do {
    graph::FetchPlan plan;
    plan.queries.push_back(query);
    graph::Subgraph subgraph = TRY(graph::read_and_wait(store, {}, std::move(plan)));
    graph::Page page = TRY(subgraph.page(0));
    for (const graph::RecordRef& record : page.records)
      visit(record->key(), TRY(stored_subscription(*record, subgraph.schema())));
    query.after = std::move(page.next);
  } while (query.after);
  return {};
}

Result<Subscription> find_subscription(graph::Store& store, const graph::Key& key) {
  graph::Subgraph subgraph = TRY(graph::read_and_wait(store, {}, {.records = {key}}));
  const graph::RecordRef record = subgraph.find(key);
  if (!record)
    return rules::not_found(subgraph.schema(), key);
  return stored_subscription(*record, subgraph.schema());
}

} // namespace diffo::server
