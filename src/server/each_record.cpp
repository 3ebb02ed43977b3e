#include "server/each_record.h"

#include <utility>

namespace diffo::server {

Result<void>
each_record(graph::Store& store, const graph::Pin& pin, graph::Tenant tenant, graph::Family family,
            const std::function<Result<void>(const graph::Record&, const graph::Schema&)>& visit) {
  graph::Query query;
  query.tenant = tenant;
  query.families = {family};
  query.count = false;
  do {
    graph::FetchPlan plan;
    plan.queries.push_back(query);
    graph::Subgraph subgraph = TRY(graph::read_and_wait(store, pin, std::move(plan)));
    graph::Page page = TRY(subgraph.page(0));
    for (const graph::RecordRef& record : page.records)
      TRY(visit(*record, subgraph.schema()));
    query.after = std::move(page.next);
  } while (query.after);
  return {};
}

} // namespace diffo::server
