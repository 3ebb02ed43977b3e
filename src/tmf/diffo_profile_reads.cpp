#include "graph/schema.h"
#include "model/kinds.h"
#include "rules/beside.h"
#include "tmf/diffo_profile.h"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace diffo::tmf {

graph::FetchPlan reads_of_diffo_profile(std::vector<graph::Key> keys) {
  graph::FetchPlan plan;
  plan.records = std::move(keys);
  constexpr std::uint32_t all = std::numeric_limits<std::uint32_t>::max();
  graph::FetchPlan::Hop any;
  any.most = all;
  plan.walks.push_back({.from = plan.records, .hops = {std::move(any)}, .most_records = all});
  const std::vector<graph::Key> instances = plan.records;
  for (const graph::Key& key : instances)
    if (key.family == model::family_service || key.family == model::family_resource)
      plan.extend(rules::plan_for_beside(key));
  return plan;
}

graph::FetchPlan reads_of_references(const graph::Record& record, const graph::Schema& schema) {
  graph::FetchPlan targets;
  graph::for_each_edge(record.root(schema.dictionary()), [&](const graph::ElementView& edge) {
    targets.records.emplace_back(record.tenant(), edge.target_family(), edge.target_id().text());
  });
  return targets;
}

} // namespace diffo::tmf
