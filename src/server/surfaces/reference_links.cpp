#include "server/surfaces/reference_links.h"

#include "model/schema.h"
#include "model/words.h"

#include <string>
#include <string_view>

namespace diffo::server {
namespace {

bool is_shown_here(graph::Family family) {
  return family == model::family_party || family == model::family_place ||
         family == model::family_specification;
}

} // namespace

std::vector<graph::ElementKind> linking_edges(const graph::Schema& schema) {
  std::vector<graph::ElementKind> kinds;
  for (const graph::ElementDefinition& element : schema.elements())
    if (element.role == graph::ElementRole::edge &&
        (element.family == 0 || is_shown_here(element.family)))
      kinds.push_back(element.kind);
  return kinds;
}

void LinkTargets::add(const graph::Record& record, const graph::Schema& schema) {
  graph::for_each_edge(record.root(schema.dictionary()), [&](const graph::ElementView& edge) {
    const graph::Family family = edge.target_family();
    if (!is_shown_here(family) || edge.field(model::words::href) || edge.extra("href"))
      return;
    const graph::ValueView id = edge.target_id();
    TextSet& seen = seen_[family];
    if (const std::string_view direct = id.direct_text(); !direct.empty() && seen.contains(direct))
      return;
    if (const auto [added, is_new] = seen.insert(id.text()); is_new)
      plan_.records.emplace_back(record.tenant(), family, *added);
  });
}

std::shared_ptr<const tmf::Referenced> LinkTargets::found_in(graph::Subgraph& subgraph) const {
  if (plan_.records.empty())
    return nullptr;
  auto found = std::make_shared<tmf::Referenced>();
  for (const graph::Key& key : plan_.records)
    if (const graph::RecordRef record = subgraph.find(key))
      if (const auto api = model::api_of_root(record->root(subgraph.schema().dictionary()).kind()))
        found->add(key.family, key.id, *api);
  return found->empty() ? nullptr : found;
}

} // namespace diffo::server
