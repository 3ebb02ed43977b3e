#include "graph/fetch_plan.h"

#include <algorithm>

namespace diffo::graph {
namespace {

template <typename Item> void add_new(std::vector<Item>& all, const std::vector<Item>& more) {
  for (const Item& item : more)
    if (std::find(all.begin(), all.end(), item) == all.end())
      all.push_back(item);
}

} // namespace

bool FetchPlan::empty() const {
  return records.empty() && walks.empty() && referrers.empty() && queries.empty() && claims.empty();
}

void FetchPlan::extend(const FetchPlan& other) {
  add_new(records, other.records);
  add_new(walks, other.walks);
  add_new(referrers, other.referrers);
  add_new(queries, other.queries);
  add_new(claims, other.claims);
}

} // namespace diffo::graph
