#include "rules/lapse.h"

#include "model/kinds.h"
#include "rules/assignments.h"
#include "rules/enforce.h"
#include "rules/instances.h"

#include <utility>

namespace diffo::rules {

graph::Decide lapse(graph::Context context, std::vector<graph::Key> assignments) {
  return [context = std::move(context), assignments = std::move(assignments)](
             graph::Subgraph& subgraph) -> Result<graph::Decision> {
    Further gone;
    for (const graph::Key& key : assignments)
      if (const graph::RecordRef record = subgraph.find(key)) {
        const Assigned one = read_assigned(*record, subgraph.schema());
        if (!one.holds(context.now))
          give_back(context, subgraph, one, gone);
      }
    graph::ChangeSet changes;
    add(changes, gone);
    return graph::Decision(std::move(changes));
  };
}

graph::FetchPlan plan_for_lapsing(const std::vector<graph::Key>& assignments) {
  graph::FetchPlan plan;
  plan.records = assignments;
  plan.walks.push_back(
      {.from = assignments,
       .hops = {{.direction = graph::Direction::out, .kinds = {model::kinds::assigner}}}});
  return plan;
}

} // namespace diffo::rules
