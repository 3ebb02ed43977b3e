#include "rules/pools.h"

#include "rules/instances.h"

#include <algorithm>
#include <utility>

namespace diffo::rules {
namespace {

bool has_value(const std::vector<graph::NumberRange>& ranges, std::int64_t value) {
  return std::any_of(ranges.begin(), ranges.end(), [value](const graph::NumberRange& range) {
    return range.first <= value && value <= range.last;
  });
}

Error exhausted(const Assignment& wanted) {
  return {ErrorCode::conflict, "nothing is free in the pool " + wanted.pool};
}

Result<std::int64_t> pick(const Assignment& wanted, const graph::Context& context,
                          graph::Subgraph& subgraph) {
  if (wanted.value) {
    if (!has_value(TRY(graph::allowed_ranges(wanted.values)), *wanted.value))
      return Error{ErrorCode::invalid,
                   "the pool " + wanted.pool + " has no value " + std::to_string(*wanted.value)};
    const graph::ClaimName name{wanted.values.scope, std::to_string(*wanted.value)};
    if (const auto held = subgraph.claim(name, context.now))
      return Error{ErrorCode::conflict, "the value " + name.key + " of the pool " + wanted.pool +
                                            " is held by " + held->holder};
    return *wanted.value;
  }
  std::uint64_t number = 0;
  if (wanted.pick != Pick::first) {
    const std::uint64_t free = TRY(subgraph.count_free(wanted.values, context.now));
    if (free == 0)
      return exhausted(wanted);
    number = wanted.pick == Pick::last ? free - 1 : context.random(free);
  }
  const auto found = TRY(subgraph.nth_free(wanted.values, number, context.now));
  return found ? Result<std::int64_t>(*found) : exhausted(wanted);
}

graph::Element edge_to(graph::ElementKind kind, const graph::Target& target) {
  graph::Element edge;
  edge.kind = kind;
  edge.target = target;
  return edge;
}

} // namespace

graph::Decide assign(AssignmentForm form, Assignment wanted, graph::Context context) {
  return [form, wanted = std::move(wanted),
          context = std::move(context)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    for (const graph::Target& side : {wanted.assigner, wanted.assignee})
      if (const graph::Key key(wanted.key.tenant, side.family, side.id); !subgraph.find(key))
        return not_found(subgraph.schema(), key);
    if (subgraph.find(wanted.key))
      return Error{ErrorCode::conflict, "the id " + wanted.key.id + " is taken", "/id"};
    const std::int64_t value = TRY(pick(wanted, context, subgraph));
    graph::RecordDraft draft;
    draft.key = wanted.key;
    draft.root.kind = form.root;
    draft.root.set_field(form.pool, wanted.pool);
    draft.root.set_field(form.value, value);
    draft.root.children.push_back(edge_to(form.assigner, wanted.assigner));
    draft.root.children.push_back(edge_to(form.assignee, wanted.assignee));
    graph::ChangeSet changes;
    changes.changes.push_back({wanted.key, graph::encode(draft, subgraph.schema().dictionary())});
    changes.take.push_back({.scope = wanted.values.scope,
                            .key = std::to_string(value),
                            .holder = wanted.key.id,
                            .branch = context.principal.branch,
                            .lease_until = wanted.lease_until});
    return graph::Decision(std::move(changes));
  };
}

graph::Decide unassign(AssignmentForm form, graph::Key key, std::string scope) {
  return [form, key = std::move(key),
          scope = std::move(scope)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::RecordRef present = subgraph.find(key);
    if (!present)
      return not_found(subgraph.schema(), key);
    const json::Value value =
        present->root(subgraph.schema().dictionary()).field(form.value).to_json();
    graph::ChangeSet changes;
    changes.changes.push_back({key, {}});
    const graph::ClaimName name{scope, std::to_string(value.integer())};
    changes.release.push_back({.scope = name.scope, .key = name.key, .holder = key.id});
    return graph::Decision(std::move(changes));
  };
}

graph::FetchPlan plan_for_assigning(const Assignment& wanted) {
  graph::FetchPlan plan;
  plan.records = {wanted.key,
                  {wanted.key.tenant, wanted.assigner.family, wanted.assigner.id},
                  {wanted.key.tenant, wanted.assignee.family, wanted.assignee.id}};
  if (wanted.value)
    plan.claims.push_back({wanted.values.scope, std::to_string(*wanted.value)});
  else
    plan.free.push_back(wanted.values);
  return plan;
}

} // namespace diffo::rules
