#include "rules/assignments.h"

#include "base/dates.h"
#include "base/time.h"
#include "model/declared.h"
#include "model/kinds.h"
#include "model/model.h"
#include "model/words.h"
#include "rules/enforce.h"
#include "rules/parts.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace diffo::rules {
namespace {

namespace words = model::words;

constexpr graph::Word pool_word = words::number_of("pool");
constexpr graph::Word thing_word = words::number_of("thing");
constexpr graph::Word size_word = words::number_of("size");
constexpr graph::Word type_word = words::number_of("type");
constexpr graph::Word unit_word = words::number_of("unit");
constexpr graph::Word end_word = words::number_of("endDateTime");

std::int64_t integer_in(const graph::ElementView& element, graph::Word word,
                        std::int64_t otherwise) {
  const graph::ValueView view = element.field(word);
  const json::Value value = view ? view.to_json() : json::Value();
  return value.if_integer() != nullptr ? value.integer() : otherwise;
}

/// The claim on a value that was freed then (microseconds since 1970) and is not handed out again
/// yet.
graph::Claim resting(const graph::Context& context, const model::Pool& pool,
                     const std::string& scope, std::int64_t value, std::int64_t freed) {
  return {.scope = scope,
          .key = std::to_string(value),
          .holder = "quarantine",
          .branch = context.principal.branch,
          .lease_until = freed + static_cast<std::int64_t>(pool.quarantine_seconds) * 1'000'000};
}

} // namespace

std::string alias_scope(const graph::Key& assignee) {
  return "alias/" + std::to_string(assignee.tenant) + '/' + std::to_string(assignee.family) + '/' +
         assignee.id;
}

void give_back(const graph::Context& context, graph::Subgraph& subgraph, const Assigned& assigned,
               Further& further) {
  further.changes.push_back({assigned.key, {}});
  const graph::Key assigner(assigned.key.tenant, assigned.assigner.family, assigned.assigner.id);
  graph::FetchPlan plan;
  plan.records.push_back(assigner);
  subgraph.announce(plan);
  const graph::RecordRef record = subgraph.find(assigner);
  const model::DeclaredKind* kind =
      record ? kind_of(model::model_of(subgraph.schema()), *record) : nullptr;
  const model::Pool* pool = kind != nullptr ? kind->pool(assigned.pool) : nullptr;
  const std::int64_t claims =
      pool == nullptr ? 0 : (pool->units == model::Units::blocks ? 1 : assigned.size);
  const std::int64_t freed = assigned.holds(context.now) ? context.now : assigned.lease_until;
  for (std::int64_t index = 0; index < claims; ++index) {
    const std::string scope = scope_of_pool(assigner, *pool);
    further.release.push_back(
        {.scope = scope, .key = std::to_string(assigned.value + index), .holder = assigned.key.id});
    graph::Claim rest = resting(context, *pool, scope, assigned.value + index, freed);
    if (pool->quarantine_seconds != 0 && graph::holds(rest, context.now))
      further.take.push_back(std::move(rest));
  }
  if (!assigned.alias.empty())
    further.release.push_back({.scope = alias_scope({assigned.key.tenant, assigned.assignee.family,
                                                     assigned.assignee.id}),
                               .key = assigned.alias,
                               .holder = assigned.key.id});
}

json::Value Assigned::shown_value() const {
  return unit.empty() ? json::Value(value) : json::Value(unit);
}

std::int64_t lease_of(const graph::Record& record, const graph::Schema& schema) {
  const auto until = parse_instants(text_of(record.root(schema.dictionary()), end_word));
  return until ? until->from : 0;
}

Assigned read_assigned(const graph::Record& record, const graph::Schema& schema) {
  Assigned assigned;
  const graph::ElementView root = record.root(schema.dictionary());
  assigned.key = record.key();
  assigned.sequence = record.sequence();
  assigned.created_at = record.created_at();
  assigned.pool = text_of(root, pool_word);
  assigned.thing = text_of(root, thing_word);
  assigned.value = integer_in(root, words::value, 0);
  assigned.size = integer_in(root, size_word, 1);
  assigned.unit = text_of(root, unit_word);
  assigned.alias = text_of(root, words::alias);
  assigned.type = text_of(root, type_word);
  assigned.lease_until = lease_of(record, schema);
  graph::ElementView edge;
  for (auto children = root.children(); children.next(edge);) {
    if (!edge.has_target())
      continue;
    graph::Target target{edge.target_family(), edge.target_id().text()};
    if (edge.kind() == model::kinds::assigner)
      assigned.assigner = std::move(target);
    else if (edge.kind() == model::kinds::assignee)
      assigned.assignee = std::move(target);
  }
  return assigned;
}

graph::FetchPlan plan_for_assignments(const graph::Key& instance, graph::ElementKind side,
                                      std::uint32_t most) {
  graph::FetchPlan plan;
  plan.referrers.push_back({instance, {side}, most});
  if (side == model::kinds::assigner)
    plan.records.push_back(instance);
  else
    plan.referrers.push_back({instance, {model::kinds::assignment}, most});
  return plan;
}

std::vector<Assigned> handed_out_by_others(const graph::Record& assigner,
                                           const graph::Schema& schema) {
  std::vector<Assigned> found;
  graph::ElementView edge;
  for (auto children = assigner.root(schema.dictionary()).children(); children.next(edge);) {
    if (edge.kind() != model::kinds::assignment || !edge.has_target())
      continue;
    Assigned& one = found.emplace_back();
    one.key = assigner.key();
    one.sequence = assigner.sequence();
    one.created_at = assigner.created_at();
    one.by_others = true;
    one.part = edge.part();
    one.pool = text_of(edge, pool_word);
    one.thing = text_of(edge, thing_word);
    one.value = integer_in(edge, words::value, 0);
    one.alias = text_of(edge, words::alias);
    one.assigner = {assigner.family(), assigner.id()};
    one.assignee = {edge.target_family(), edge.target_id().text()};
  }
  return found;
}

graph::Seen each_assignment(graph::Subgraph& subgraph, const graph::Key& instance,
                            graph::ElementKind side, const std::function<bool(Assigned)>& visit) {
  bool more = true;
  const auto visit_in = [&](const graph::Record& assigner) {
    for (Assigned& one : handed_out_by_others(assigner, subgraph.schema()))
      if (more && (side == model::kinds::assigner ||
                   (one.assignee.family == instance.family && one.assignee.id == instance.id)))
        more = visit(std::move(one));
    return more;
  };
  graph::Seen seen = graph::Seen::all;
  if (side == model::kinds::assigner) {
    if (const graph::RecordRef record = subgraph.find(instance))
      visit_in(*record);
  } else {
    seen = subgraph.referrers(
        instance, {model::kinds::assignment},
        [&](const graph::Referrer& referrer) { return visit_in(*referrer.record); });
  }
  if (!more)
    return seen;
  const graph::Seen ours =
      subgraph.referrers(instance, {side}, [&](const graph::Referrer& referrer) {
        return visit(read_assigned(*referrer.record, subgraph.schema()));
      });
  return ours == graph::Seen::all ? seen : ours;
}

std::vector<Assigned> assignments_of(graph::Subgraph& subgraph, const graph::Key& instance,
                                     graph::ElementKind side, std::int64_t now) {
  std::vector<Assigned> found;
  each_assignment(subgraph, instance, side, [&](Assigned one) {
    if (one.holds(now))
      found.push_back(std::move(one));
    return true;
  });
  std::sort(found.begin(), found.end(), [](const Assigned& a, const Assigned& b) {
    return std::tie(b.by_others, a.created_at, a.sequence, a.part) <
           std::tie(a.by_others, b.created_at, b.sequence, b.part);
  });
  return found;
}

Result<Further> release_assignments(const graph::Context& context, graph::Subgraph& subgraph,
                                    const graph::Key& instance) {
  for (const graph::ElementKind side : {model::kinds::assigner, model::kinds::assignee})
    subgraph.announce(plan_for_assignments(instance, side, most_of_assignee));
  const auto handed_out = assignments_of(subgraph, instance, model::kinds::assigner, context.now);
  if (!handed_out.empty())
    return Error{ErrorCode::conflict, "it has handed out " + handed_out.front().thing + ' ' +
                                          std::to_string(handed_out.front().value) + " to " +
                                          handed_out.front().assignee.id};
  Further further;
  const auto let_go = [&](const graph::Referrer& referrer) {
    give_back(context, subgraph, read_assigned(*referrer.record, subgraph.schema()), further);
    return true;
  };
  const graph::Seen seen = subgraph.referrers(instance, {model::kinds::assignee}, let_go);
  // Those that it had handed out have all run out.
  subgraph.referrers(instance, {model::kinds::assigner}, let_go);
  if (seen == graph::Seen::cut)
    return Error{ErrorCode::too_large,
                 "it has been assigned too many values to be deleted at once"};
  return further;
}

graph::RecordDraft assignment_draft(const Assigned& assigned) {
  graph::RecordDraft draft;
  draft.key = assigned.key;
  draft.root.kind = model::kinds::assignment_root;
  draft.root.set_field(pool_word, assigned.pool);
  draft.root.set_field(thing_word, assigned.thing);
  draft.root.set_field(words::value, assigned.value);
  if (!assigned.alias.empty())
    draft.root.set_field(words::alias, assigned.alias);
  if (assigned.size != 1)
    draft.root.set_field(size_word, assigned.size);
  if (!assigned.type.empty())
    draft.root.set_field(type_word, assigned.type);
  if (!assigned.unit.empty())
    draft.root.set_field(unit_word, assigned.unit);
  if (assigned.lease_until != 0)
    draft.root.set_field(end_word, text_of_microseconds(Timestamp{assigned.lease_until}));
  for (const auto& [kind, end] : {std::pair{model::kinds::assigner, &assigned.assigner},
                                  {model::kinds::assignee, &assigned.assignee}}) {
    graph::Element& edge = draft.root.children.emplace_back();
    edge.kind = kind;
    edge.target = *end;
  }
  return draft;
}

std::vector<graph::Claim> claims_of(const Assigned& assigned, const graph::Context& context,
                                    bool blocks) {
  std::vector<graph::Claim> claims;
  model::Pool pool;
  pool.name = assigned.pool;
  if (blocks) {
    pool.units = model::Units::blocks;
    pool.block = static_cast<std::uint32_t>(assigned.size);
  }
  graph::Claim common;
  common.holder = assigned.key.id;
  common.branch = context.principal.branch;
  common.lease_until = assigned.lease_until;
  const graph::Key assigner(assigned.key.tenant, assigned.assigner.family, assigned.assigner.id);
  for (std::int64_t index = 0; index < (blocks ? 1 : assigned.size); ++index) {
    graph::Claim& claim = claims.emplace_back(common);
    claim.scope = scope_of_pool(assigner, pool);
    claim.key = std::to_string(assigned.value + index);
  }
  if (!assigned.alias.empty()) {
    graph::Claim& claim = claims.emplace_back(common);
    claim.scope =
        alias_scope({assigned.key.tenant, assigned.assignee.family, assigned.assignee.id});
    claim.key = assigned.alias;
  }
  return claims;
}

} // namespace diffo::rules
