#include "server/model_replacement.h"

#include "model/contradictions.h"
#include "model/declared.h"
#include "model/schema.h"
#include "model/stored_declarations.h"
#include "model/words.h"
#include "rules/conform.h"
#include "rules/pool_value.h"
#include "server/published_kinds.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t most_shown = 100;
/// An embedded store takes no more in one commit.
constexpr std::size_t most_changed = 100'000;

bool is_instance(const graph::Key& key) {
  return key.tenant == graph::Tenant{0} &&
         (key.family == model::family_service || key.family == model::family_resource);
}

void drop(std::vector<graph::Claim>& from, const std::vector<graph::Claim>& these) {
  using Held = std::tuple<std::string_view, std::string_view, std::string_view>;
  const auto held = [](const graph::Claim& claim) {
    return Held(claim.scope, claim.key, claim.holder);
  };
  std::set<Held> gone;
  for (const graph::Claim& claim : these)
    gone.insert(held(claim));
  if (!gone.empty())
    std::erase_if(from, [&](const graph::Claim& claim) { return gone.contains(held(claim)); });
}

} // namespace

graph::AmendingRule ModelReplacement::rule() {
  return {.decide = [this](graph::Subgraph& subgraph) -> Result<graph::Decision> {
            return graph::Decision(TRY(decide(subgraph)));
          },
          .amend = [this](graph::Subgraph& later, const graph::Since& since,
                          graph::ChangeSet& changes) { return amend(later, since, changes); }};
}

Result<graph::ChangeSet> ModelReplacement::decide(graph::Subgraph& subgraph) {
  specifications_.clear();
  changed_.clear();
  taken_.clear();
  violations_.clear();
  const graph::Dictionary& dictionary = subgraph.schema().dictionary();
  TRY(model::check_words(domains_, dictionary));
  next_ = model::model_of_domains(domains_, model::words_of(dictionary), hooks_);
  graph::ChangeSet changes;
  changes.replace_schema = model::shared_schema(next_);
  TRY(publish_specifications(subgraph, changes));
  TRY(bring_over_all(subgraph, changes));
  TRY(judged());
  return changes;
}

Result<void> ModelReplacement::amend(graph::Subgraph& later, const graph::Since& since,
                                     graph::ChangeSet& changes) {
  violations_.clear();
  const Keys touched = touched_by(since);
  forget(touched, changes);
  graph::FetchPlan plan;
  plan.records.assign(touched.begin(), touched.end());
  later.announce(plan);
  for (const graph::Key& key : touched) {
    TRY(wanted_still());
    if (const auto draft = specifications_.find(key); draft != specifications_.end())
      TRY(publish(draft->second, later, changes));
    else if (const graph::RecordRef record = later.find(key))
      TRY(bring_over(*record, later, changes));
  }
  return judged();
}

/// The records to look at again: those that were written; those out of whose pools something was
/// handed out, which does not write them; and those that would get a name that others have taken.
ModelReplacement::Keys ModelReplacement::touched_by(const graph::Since& since) const {
  Keys touched;
  for (const graph::Key& key : since.records)
    if (is_instance(key) || specifications_.find(key) != specifications_.end())
      touched.insert(key);
  for (const graph::ClaimName& claim : since.claims)
    if (const auto name = taken_.find(claim); name != taken_.end())
      touched.insert(name->second);
    else if (auto assigner = rules::assigner_of_scope(claim.scope);
             assigner && is_instance(*assigner))
      touched.insert(*std::move(assigner));
  return touched;
}

Result<void> ModelReplacement::publish_specifications(graph::Subgraph& subgraph,
                                                      graph::ChangeSet& changes) {
  graph::FetchPlan plan;
  for (const model::DeclaredKind* kind : next_->declared().instance_kinds()) {
    if (!kind->specification)
      continue;
    graph::RecordDraft draft = TRY(specification_of(*kind, *next_, context_));
    plan.records.push_back(draft.key);
    specifications_.emplace(plan.records.back(), std::move(draft));
  }
  subgraph.announce(plan);
  for (const graph::Key& key : plan.records)
    TRY(publish(specifications_.at(key), subgraph, changes));
  return {};
}

Result<void> ModelReplacement::publish(const graph::RecordDraft& draft, graph::Subgraph& subgraph,
                                       graph::ChangeSet& changes) {
  const graph::RecordRef present = subgraph.find(draft.key);
  if (present && says_the_same(*present, draft, subgraph.schema()))
    return {};
  return add({draft.key, TRY(model::encode(draft, next_->schema()))}, {}, changes);
}

/// All instances of kinds of the present model or the next.
Result<void> ModelReplacement::bring_over_all(graph::Subgraph& subgraph,
                                              graph::ChangeSet& changes) {
  std::vector<graph::Target> specifications;
  for (const model::Model* model : {&model::model_of(subgraph.schema()), next_.get()})
    for (const model::DeclaredKind* kind : model->declared().instance_kinds())
      if (kind->specification)
        specifications.push_back({model::family_specification, kind->specification->id});
  for (const graph::Which which : {graph::Which::actual, graph::Which::expected}) {
    graph::Query query;
    query.families = {model::family_service, model::family_resource};
    query.which = which;
    query.filter = graph::has_edge({model::kinds::specification_reference}, specifications);
    query.count = false;
    do {
      TRY(wanted_still());
      graph::FetchPlan plan;
      plan.queries.push_back(query);
      subgraph.announce(plan);
      graph::Page page = TRY(subgraph.query(query));
      for (const graph::RecordRef& record : page.records)
        if (violations_.size() < most_shown)
          TRY(bring_over(*record, subgraph, changes));
      query.after = std::move(page.next);
    } while (query.after && violations_.size() < most_shown);
  }
  return {};
}

Result<void> ModelReplacement::bring_over(const graph::Record& record, graph::Subgraph& subgraph,
                                          graph::ChangeSet& changes) {
  auto revised = rules::conform(context_, subgraph, *next_, record);
  if (!revised) {
    const Error& violation = revised.error();
    violations_.push_back({violation.code, record.id() + ": " + violation.text(), {}});
    return {};
  }
  if (!*revised)
    return {};
  rules::Revision& revision = **revised;
  claim_names(record, revision.further.take);
  return add({revision.draft.key, TRY(model::encode(revision.draft, next_->schema()))},
             std::move(revision.further), changes);
}

void ModelReplacement::claim_names(const graph::Record& record,
                                   const std::vector<graph::Claim>& names) {
  for (const graph::Claim& claim : names) {
    const auto [twice, first] =
        taken_.emplace(graph::ClaimName{claim.scope, claim.key}, graph::Key(record.key()));
    if (!first && twice->second != record.key())
      violations_.push_back({ErrorCode::conflict,
                             record.id() + ": instance name must be unique: " + claim.key +
                                 " is the name of " + twice->second.id,
                             {}});
  }
}

Result<void> ModelReplacement::add(graph::Change change, rules::Further further,
                                   graph::ChangeSet& changes) {
  if (changes.changes.size() >= most_changed)
    return Error{ErrorCode::too_large, "the model changes more than " +
                                           std::to_string(most_changed) +
                                           " records: more than one commit holds"};
  changes.take.insert(changes.take.end(), further.take.begin(), further.take.end());
  changes.release.insert(changes.release.end(), further.release.begin(), further.release.end());
  changed_.insert_or_assign(change.key, std::move(further));
  changes.changes.push_back(std::move(change));
  return {};
}

/// Takes back what was decided of some records.
void ModelReplacement::forget(const Keys& keys, graph::ChangeSet& changes) {
  Keys gone;
  rules::Further undone;
  for (const graph::Key& key : keys) {
    const auto found = changed_.find(key);
    if (found == changed_.end())
      continue;
    for (const graph::Claim& claim : found->second.take)
      taken_.erase({claim.scope, claim.key});
    undone.add(std::move(found->second));
    changed_.erase(found);
    gone.insert(key);
  }
  if (gone.empty())
    return;
  std::erase_if(changes.changes,
                [&](const graph::Change& change) { return gone.find(change.key) != gone.end(); });
  drop(changes.take, undone.take);
  drop(changes.release, undone.release);
}

Result<void> ModelReplacement::judged() {
  if (violations_.empty())
    return {};
  Error refused = joined(std::exchange(violations_, {}));
  refused.code = ErrorCode::conflict;
  refused.message = "records that are there would break the model: " + refused.message;
  return refused;
}

Result<void> ModelReplacement::wanted_still() const {
  if (cancellation_.is_requested())
    return Error{ErrorCode::unavailable, "nobody waits for the model any more"};
  return {};
}

} // namespace diffo::server
