#include "server/surfaces/reference_links.h"

#include "model/schema.h"
#include "model/words.h"

#include <algorithm>

namespace diffo::server {
namespace {

bool is_shown_here(graph::Family family) {
  return family == model::family_party || family == model::family_place ||
         family == model::family_specification;
}

} // namespace

void unite(std::vector<graph::Key>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

graph::FetchPlan plan_for_links(const graph::Record& record, const graph::Schema& schema) {
  graph::FetchPlan plan;
  graph::for_each_edge(record.root(schema.dictionary()), [&](const graph::ElementView& edge) {
    if (is_shown_here(edge.target_family()) && !edge.field(model::words::href) &&
        !edge.extra("href"))
      plan.records.emplace_back(record.tenant(), edge.target_family(), edge.target_id().text());
  });
  unite(plan.records);
  return plan;
}

std::shared_ptr<const tmf::Referenced> found_links(const graph::FetchPlan& plan,
                                                   graph::Subgraph& subgraph) {
  if (plan.records.empty())
    return nullptr;
  auto found = std::make_shared<tmf::Referenced>();
  for (const graph::Key& key : plan.records)
    if (const graph::RecordRef record = subgraph.find(key))
      if (const auto api = model::api_of_root(record->root(subgraph.schema().dictionary()).kind()))
        found->add(key.family, key.id, *api);
  return found->empty() ? nullptr : found;
}

} // namespace diffo::server
