#include "testing/test_revision.h"

#include "graph/compiled_filter.h"

#include <algorithm>
#include <utility>

namespace diffo::testing {

using graph::RecordRef;

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

Result<graph::Page> TestRevision::query(const graph::Query& query, const Cancellation&) const {
  const auto filter = TRY(graph::CompiledFilter::compile(query.filter, schema_));
  struct Ranked {
    RecordRef record;
    std::vector<std::optional<std::string>> keys;
  };
  std::vector<Ranked> found;
  for (const RecordRef& record : records_) {
    const bool in_class = record->tenant() == query.tenant && record->which() == query.which &&
                          std::find(query.families.begin(), query.families.end(),
                                    record->family()) != query.families.end();
    if (!in_class || !filter.holds(*record))
      continue;
    Ranked& ranked = found.emplace_back(Ranked{record, {}});
    for (const graph::SortKey& order : query.order)
      ranked.keys.push_back(graph::SortKeyReader(order, schema_.dictionary()).key_of(*record));
  }
  std::sort(found.begin(), found.end(), [&](const Ranked& a, const Ranked& b) {
    const auto by_keys = order_of_keys(a.keys, b.keys, query.order);
    return by_keys == 0 ? a.record->created_at() < b.record->created_at() : by_keys < 0;
  });
  graph::Page page;
  page.total = found.size();
  for (std::uint64_t at = query.offset; at < found.size() && page.records.size() < query.limit;
       ++at)
    page.records.push_back(found[at].record);
  return page;
}

void TestRevision::for_each(graph::Tenant tenant,
                            const std::function<bool(const RecordRef&)>& visit) const {
  for (const RecordRef& record : records_)
    if (record->tenant() == tenant && !visit(record))
      return;
}

} // namespace diffo::testing
