#include "graph/revision.h"

#include <algorithm>
#include <utility>

namespace diffo::graph {
namespace {

void add_targets(const RecordRef& record, const Schema& schema,
                 const std::vector<ElementKind>& kinds, std::vector<Key>& out) {
  for_each_edge(record->root(schema.dictionary()), [&](const ElementView& edge) {
    if (kinds.empty() || std::find(kinds.begin(), kinds.end(), edge.kind()) != kinds.end())
      out.emplace_back(record->tenant(), edge.target_family(), edge.target_id().text());
  });
}

/// Visits the referrers that the plan announces: of its kinds, so many for each record.
void planned_referrers(const Revision& revision, const FetchPlan& plan, const KeyView& key,
                       const std::function<bool(const Referrer&)>& visit) {
  const std::vector<ElementKind>& kinds = plan.referrer_kinds;
  std::uint32_t left = plan.referrers_of_each;
  if (left == 0)
    return;
  revision.referrers(key, [&](const Referrer& referrer) {
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), referrer.edge) == kinds.end())
      return true;
    return visit(referrer) && --left > 0;
  });
}

/// All roots that the plan lets a rule read.
std::vector<Key> roots_of_plan(const Revision& revision, const FetchPlan& plan) {
  std::vector<Key> reachable = plan.records;
  for (const Query& query : plan.queries)
    if (const auto page = revision.query(query))
      for (const RecordRef& record : page->records)
        reachable.push_back(record->key());
  for (const FetchPlan::Hop& hop : plan.along) {
    std::vector<Key> frontier = plan.records;
    for (std::uint8_t step = 0; step < hop.hops; ++step) {
      std::vector<Key> next;
      for (const Key& key : frontier)
        if (const RecordRef record = revision.find(key))
          add_targets(record, revision.schema(), hop.kinds, next);
      reachable.insert(reachable.end(), next.begin(), next.end());
      frontier = std::move(next);
    }
  }
  for (const Key& key : plan.records)
    planned_referrers(revision, plan, key, [&](const Referrer& referrer) {
      reachable.push_back(referrer.record->key());
      return true;
    });
  std::sort(reachable.begin(), reachable.end());
  return reachable;
}

std::string text_of(const KeyView& key) {
  return "family " + std::to_string(key.family) + " id " + std::string(key.id);
}

} // namespace

Subgraph::Subgraph(std::shared_ptr<const Revision> revision, const FetchPlan* strict_plan)
    : revision_(std::move(revision)), strict_plan_(strict_plan) {
  if (strict_plan_ != nullptr)
    reachable_ = roots_of_plan(*revision_, *strict_plan_);
}

bool Subgraph::planned(const KeyView& key) const {
  return strict_plan_ == nullptr ||
         std::binary_search(reachable_.begin(), reachable_.end(), key,
                            [](const KeyView& a, const KeyView& b) { return a < b; });
}

RecordRef Subgraph::find(const KeyView& key) {
  if (!planned(key)) {
    unplanned_.push_back("record " + text_of(key));
    return {};
  }
  RecordRef record = revision_->find(key);
  footprint_.records.push_back({.key = Key(key),
                                .found = static_cast<bool>(record),
                                .sequence = record ? record->sequence() : 0,
                                .fields = {}});
  return record;
}

void Subgraph::referrers(const KeyView& key, const std::function<bool(const Referrer&)>& visit) {
  footprint_.referrers.push_back({Key(key)});
  if (strict_plan_ == nullptr) {
    revision_->referrers(key, visit);
    return;
  }
  const std::vector<Key>& records = strict_plan_->records;
  if (strict_plan_->referrers_of_each == 0 ||
      std::none_of(records.begin(), records.end(),
                   [&](const Key& record) { return KeyView(record) == key; })) {
    unplanned_.push_back("referrers of " + text_of(key));
    return;
  }
  planned_referrers(*revision_, *strict_plan_, key, visit);
}

Result<Page> Subgraph::query(const Query& query) {
  if (strict_plan_ != nullptr && strict_plan_->queries.empty())
    unplanned_.push_back("a query");
  Query range = query;
  range.predicate = nullptr;
  range.order.clear();
  footprint_.ranges.push_back({std::move(range)});
  return revision_->query(query);
}

} // namespace diffo::graph
