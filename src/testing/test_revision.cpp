#include "testing/test_revision.h"

#include <algorithm>
#include <utility>

namespace diffo::testing {
namespace {

using graph::Record;
using graph::RecordRef;

/// Cut as a store cuts them.
class CutKeys final : public graph::IndexSink {
public:
  void add(std::string_view key) override {
    keys.emplace_back(key.substr(0, graph::max_index_key_bytes));
  }
  std::vector<std::string> keys;
};

std::string cut(std::string_view key) {
  return std::string(key.substr(0, graph::max_index_key_bytes));
}

bool within(const std::string& key, const graph::KeyRange& range) {
  const std::string low = cut(range.low);
  const bool low_was_cut = low.size() == graph::max_index_key_bytes;
  if (key < low || (key == low && !range.low_inclusive && !low_was_cut))
    return false;
  if (!range.high)
    return true;
  const std::string high = cut(*range.high);
  const bool high_was_cut = range.high->size() > graph::max_index_key_bytes;
  return key < high || (key == high && (range.high_inclusive || high_was_cut));
}

} // namespace

std::size_t TestRevision::take_looked_at() const {
  return std::exchange(looked_at_, 0);
}

RecordRef TestRevision::find(const graph::KeyView& key) const {
  for (const RecordRef& record : records_)
    if (record->key() == graph::Key(key))
      return record;
  return {};
}

void TestRevision::referrers(const graph::KeyView&,
                             const std::function<bool(const graph::Referrer&)>&) const {}

std::uint64_t TestRevision::count_referrers(const graph::KeyView&) const {
  return 0;
}

bool TestRevision::has_key(const Record& record, const graph::IndexCondition& condition) const {
  for (const graph::IndexDefinition& index : schema_.indexes()) {
    if (index.number != condition.index)
      continue;
    CutKeys sink;
    index.keys(record, schema_.dictionary(), sink);
    for (const std::string& key : sink.keys)
      for (const graph::KeyRange& range : condition.any_of)
        if (within(key, range))
          return true;
  }
  return false;
}

bool TestRevision::has_edge(const Record& record, const graph::EdgeCondition& condition) const {
  bool found = false;
  graph::for_each_edge(record.root(schema_.dictionary()), [&](const graph::ElementView& edge) {
    const bool of_kind = condition.kinds.empty() ||
                         std::find(condition.kinds.begin(), condition.kinds.end(), edge.kind()) !=
                             condition.kinds.end();
    for (const graph::Target& target : condition.any_of)
      found = found || (of_kind && target.family == edge.target_family() &&
                        target.id == edge.target_id().text());
  });
  return found;
}

Result<graph::Page> TestRevision::query(const graph::Query& query) const {
  std::vector<RecordRef> found;
  for (const RecordRef& record : records_) {
    const bool in_class = record->tenant() == query.tenant && record->which() == query.which &&
                          std::find(query.families.begin(), query.families.end(),
                                    record->family()) != query.families.end();
    if (!in_class ||
        !std::all_of(query.index_conditions.begin(), query.index_conditions.end(),
                     [&](const auto& condition) { return has_key(*record, condition); }) ||
        !std::all_of(query.edge_conditions.begin(), query.edge_conditions.end(),
                     [&](const auto& condition) { return has_edge(*record, condition); }))
      continue;
    ++looked_at_;
    if (!query.predicate || query.predicate(*record))
      found.push_back(record);
  }
  std::sort(found.begin(), found.end(), [&](const RecordRef& a, const RecordRef& b) {
    for (const graph::SortKey& order : query.order) {
      const auto left = order.key(*a);
      const auto right = order.key(*b);
      if (left == right)
        continue;
      if (!left || !right)
        return left.has_value();
      return order.descending ? *right < *left : *left < *right;
    }
    return a->created_at() < b->created_at();
  });
  graph::Page page;
  page.total = found.size();
  for (std::uint64_t at = query.offset; at < found.size() && page.records.size() < query.limit;
       ++at)
    page.records.push_back(found[at]);
  return page;
}

void TestRevision::for_each(graph::Tenant tenant,
                            const std::function<bool(const RecordRef&)>& visit) const {
  for (const RecordRef& record : records_)
    if (record->tenant() == tenant && !visit(record))
      return;
}

} // namespace diffo::testing
