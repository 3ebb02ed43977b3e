#include "store/state_revision.h"

#include "store/query_run.h"

#include <algorithm>

namespace diffo::store {

using graph::RecordRef;

void StateRevision::referrers(const graph::KeyView& key,
                              const std::function<bool(const graph::Referrer&)>& visit) const {
  const auto target = state_.identities->find(key);
  if (!target)
    return;
  const std::string prefix = edge_prefix(*target);
  for (auto cursor = state_.keys.seek(prefix); cursor.valid() && cursor.key().starts_with(prefix);
       cursor.next())
    if (!visit({state_.record(ordinal_of(cursor.key())), edge_kind_of(cursor.key())}))
      return;
}

std::uint64_t StateRevision::count_referrers(const graph::KeyView& key) const {
  const auto target = state_.identities->find(key);
  if (!target)
    return 0;
  const std::string prefix = edge_prefix(*target);
  return state_.keys.rank(after_prefix(prefix)) - state_.keys.rank(prefix);
}

Result<graph::Page> StateRevision::query(const graph::Query& query,
                                         const Cancellation& cancellation) const {
  return QueryRun(state_, *schema_,
                  {.max_visited = query.most_visited != 0
                                      ? std::min(query.most_visited, limits_.max_visited)
                                      : limits_.max_visited,
                   .clock = limits_.clock,
                   .max_microseconds = limits_.max_microseconds,
                   .cancellation = cancellation},
                  query)
      .run();
}

void StateRevision::for_each(graph::Tenant tenant,
                             const std::function<bool(const RecordRef&)>& visit) const {
  // One cursor for each class of records; the least ordinal among them was created first.
  struct Run {
    std::string prefix;
    KeyTree::Cursor cursor;
  };
  std::vector<Run> runs;
  for (const graph::FamilyDefinition& family : schema_->families())
    for (const graph::Which which : {graph::Which::actual, graph::Which::expected}) {
      Run run{creation_prefix({tenant, family.family, which}), {}};
      run.cursor = state_.keys.seek(run.prefix);
      runs.push_back(std::move(run));
    }
  const auto ended = [](const Run& run) {
    return !run.cursor.valid() || !run.cursor.key().starts_with(run.prefix);
  };
  for (;;) {
    std::erase_if(runs, ended);
    if (runs.empty())
      return;
    const auto first = std::min_element(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
      return ordinal_of(a.cursor.key()) < ordinal_of(b.cursor.key());
    });
    if (!visit(state_.record(ordinal_of(first->cursor.key()))))
      return;
    first->cursor.next();
  }
}

std::optional<graph::Claim> StateRevision::claim(const graph::ClaimName& name,
                                                 std::int64_t now) const {
  const graph::Claim* claim = state_.claims.find(name.scope, name.key);
  return claim != nullptr && graph::holds(*claim, now) ? std::optional(*claim) : std::nullopt;
}

} // namespace diffo::store
