#include "graph/fetch_plan.h"

#include "graph/schema.h"

#include <algorithm>
#include <unordered_set>

namespace diffo::graph {
namespace {

template <typename Item> void add_new(std::vector<Item>& all, const std::vector<Item>& more) {
  for (const Item& item : more)
    if (std::find(all.begin(), all.end(), item) == all.end())
      all.push_back(item);
}

/// Few as a rule, but there may be many: what thousands of targets refer to.
void add_new(std::vector<Key>& all, const std::vector<Key>& more) {
  constexpr std::size_t few = 8;
  if (more.size() <= few)
    return add_new<Key>(all, more);
  std::unordered_set<Key, KeyHash> known(all.begin(), all.end());
  for (const Key& key : more)
    if (known.insert(key).second)
      all.push_back(key);
}

std::string text_of(const Key& key, const Schema& schema) {
  const FamilyDefinition* family = schema.family(key.family);
  return (family != nullptr ? family->name : "family " + std::to_string(key.family)) + ' ' + key.id;
}

std::string text_of(const Query& query, const Schema& schema) {
  std::string text = "a query of";
  for (const Family number : query.families)
    if (const FamilyDefinition* family = schema.family(number))
      text += ' ' + family->name;
  return text + (query.families.empty() ? " everything" : "") + " where " + print(query.filter);
}

} // namespace

bool FetchPlan::empty() const {
  return records.empty() && walks.empty() && referrers.empty() && queries.empty() &&
         claims.empty() && free.empty();
}

void FetchPlan::extend(const FetchPlan& other) {
  add_new(records, other.records);
  add_new(walks, other.walks);
  add_new(referrers, other.referrers);
  add_new(queries, other.queries);
  add_new(page_edges, other.page_edges);
  add_new(claims, other.claims);
  add_new(free, other.free);
}

std::string describe(const FetchPlan& plan, const Schema& schema) {
  constexpr std::size_t most = 10;
  std::vector<std::string> reads;
  const auto add_all = [&reads](const auto& items, const auto& text) {
    for (const auto& item : items)
      if (reads.size() <= most)
        reads.push_back(text(item));
  };
  add_all(plan.records, [&](const Key& key) { return text_of(key, schema); });
  add_all(plan.walks, [&](const FetchPlan::Walk& walk) {
    return "a walk" + (walk.from.empty() ? "" : " from " + text_of(walk.from.front(), schema));
  });
  add_all(plan.referrers, [&](const FetchPlan::Referrers& asked) {
    return "referrers of " + text_of(asked.key, schema);
  });
  add_all(plan.queries, [&](const Query& query) { return text_of(query, schema); });
  add_all(plan.claims,
          [](const ClaimName& name) { return "the claim " + name.scope + ' ' + name.key; });
  add_all(plan.free, [](const FreeQuery& query) { return "what is free of " + query.scope; });
  std::string text;
  for (std::size_t number = 0; number < std::min(reads.size(), most); ++number)
    text += (number == 0 ? "" : ", ") + reads[number];
  return reads.size() > most ? text + " and more" : text;
}

} // namespace diffo::graph
