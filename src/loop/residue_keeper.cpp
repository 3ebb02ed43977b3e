#include "loop/residue_keeper.h"

#include "graph/schema.h"
#include "loop/expectation_record.h"
#include "loop/target_reads.h"
#include "model/declared.h"
#include "model/kinds.h"
#include "model/model.h"
#include "model/schema.h"
#include "rules/kind_ranges.h"

#include <algorithm>
#include <utility>

namespace diffo::loop {
namespace {

constexpr std::uint64_t page = 1000;

bool is_instance(graph::Family family) {
  return family == model::family_service || family == model::family_resource;
}

bool is_expected(const graph::RecordRef& record) {
  return record && record->which() == graph::Which::expected;
}

/// All records of a family, in all tenants. One tenant is all that there can be so far.
graph::Query all_of(graph::Family family, graph::Which which = graph::Which::actual) {
  graph::Query query;
  query.families = {family};
  query.which = which;
  query.limit = page;
  query.count = false;
  return query;
}

} // namespace

ResidueKeeper::ResidueKeeper(graph::Store& store, std::function<void()> pause, std::size_t leaves)
    : store_(store), pause_(std::move(pause)), most_leaves_(leaves) {}

Result<void> ResidueKeeper::read(graph::FetchPlan plan, graph::Recorder* recorder,
                                 const ConcludeRead& conclude) const {
  return graph::read_in_rounds(store_, {.at = at_}, std::move(plan), recorder, conclude);
}

Result<void>
ResidueKeeper::for_each(const graph::Query& query,
                        const std::function<Result<void>(const graph::RecordRef&)>& visit) {
  graph::Query next = query;
  do {
    graph::Page found;
    graph::FetchPlan plan;
    plan.queries.push_back(next);
    TRY(read(std::move(plan), nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
      found = TRY(subgraph.page(0));
      return {};
    }));
    for (const graph::RecordRef& record : found.records)
      TRY(visit(record));
    if (pause_)
      pause_();
    next.after = std::move(found.next);
  } while (next.after);
  return {};
}

/// What expectations and decisions there are.
Result<void> ResidueKeeper::read_standing(Look look) {
  TRY(read({}, nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
    schema_ = &subgraph.schema();
    return {};
  }));
  registry_ = std::make_unique<ExpectationRegistry>(*schema_);
  compiled_.clear();
  approvals_.clear();
  approved_at_.clear();
  refused_.clear();
  expectations_ = 0;
  counted_at_ = at_;
  const auto declare_one = [this, look](const graph::RecordRef& record) -> Result<void> {
    ++expectations_;
    return declare(record, 0, look);
  };
  TRY(for_each(all_of(model::family_expectation), declare_one));
  TRY(for_each(all_of(model::family_service, graph::Which::expected), declare_one));
  TRY(for_each(all_of(model::family_resource, graph::Which::expected), declare_one));
  return for_each(all_of(model::family_decision), [this](const graph::RecordRef& record) {
    const auto decision = stored_decision(*record, *schema_);
    if (decision)
      add_approvals(*decision, record->tenant());
    return Result<void>();
  });
}

Result<void> ResidueKeeper::begin(graph::Sequence at, Timestamp now) {
  at_ = at;
  now_ = now;
  index_ = {};
  leaves_ = 0;
  dependents_.clear();
  touched_.clear();
  jobs_.clear();
  establishing_.clear();
  flips_.clear();
  flip_of_.clear();
  unknown_.clear();
  complete_ = false;
  TRY(read_standing(Look::at_targets));
  look_at_kinds();
  return {};
}

/// Lets the instances of declared kinds be looked at that say what their kind does not allow.
void ResidueKeeper::look_at_kinds() {
  const model::Model& model = model::model_of(*schema_);
  Job job{.establishes = {}, .targets = {}, .queries = {}};
  for (const model::DeclaredKind* kind : model.declared().instance_kinds())
    if (kind->specification) {
      graph::Query query = all_of(model::family_of(model::DeclaredKinds::api_of(*kind)));
      query.filter = graph::any_part(
          {model::kinds::specification_reference},
          graph::equal_text({.end = graph::FieldPath::End::id}, {kind->specification->id}));
      job.queries.push_back(std::move(query));
    }
  if (!job.queries.empty())
    jobs_.push_back(std::move(job));
}

/// Registers an expectation and lets its targets be looked at.
Result<void> ResidueKeeper::declare(const graph::RecordRef& record, std::int64_t time, Look look) {
  const graph::Key key = record->key();
  compiled_.erase(key);
  refused_.erase(key);
  if (look == Look::at_targets)
    touch(selector_of(key), {.time = time, .before = {}});
  if (const auto target = named_target(*record, *schema_)) {
    if (look == Look::at_targets && time != 0)
      touch(*target, {.time = time, .before = {}, .about = key});
    else if (look == Look::at_targets)
      add_target(*target);
    return {};
  }
  Expected expected;
  TRY(read({}, nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
    expected = expected_by(key, subgraph);
    return {};
  }));
  registry_->erase(key);
  if (!expected.document)
    return {}; // its selector says why
  const ExpectationDocument& document = *expected.document;
  if (const auto put = registry_->put(key, document); !put) {
    refused_[key] = put.error().text();
    return {};
  }
  return look == Look::at_targets ? establish(key, document, time) : Result<void>();
}

/// Adds a target to the last of the jobs that establish nothing.
void ResidueKeeper::add_target(const graph::Key& target) {
  const bool fits =
      !jobs_.empty() && !jobs_.back().establishes && jobs_.back().targets.size() < swept_in_a_round;
  if (!fits)
    jobs_.push_back({.establishes = {}, .targets = {}, .queries = {}});
  jobs_.back().targets.push_back(target);
}

Result<void> ResidueKeeper::establish(const graph::Key& key, const ExpectationDocument& document,
                                      std::int64_t time) {
  Job job{.establishes = key, .targets = {}, .queries = {}};
  if (const auto* by_filter = std::get_if<TargetByFilter>(&document.target))
    job.queries.push_back(TRY(query_of(*by_filter, *schema_, key.tenant, page)));
  else if (const auto* by_key = std::get_if<TargetByKey>(&document.target))
    job.queries = TRY(queries_of(*by_key, *schema_, key.tenant, page));
  else if (const auto* by_id = std::get_if<TargetById>(&document.target))
    job.targets.push_back(by_id->key(key.tenant));
  else
    return reach(key, time);
  for (graph::Query& query : job.queries) {
    query.limit = page;
    query.count = false;
  }
  establishing_.insert(key);
  jobs_.push_back(std::move(job));
  return {};
}

/// Finds the instances that an expectation's hops lead to, anew.
Result<void> ResidueKeeper::reach(const graph::Key& expectation, std::int64_t time) {
  graph::Recorder recorder;
  std::vector<graph::Key> reached;
  std::string error;
  TRY(read({}, &recorder, [&](graph::Subgraph& subgraph) -> Result<void> {
    reached.clear();
    error.clear();
    const Expected expected = expected_by(expectation, subgraph);
    if (!expected.document)
      return {};
    auto targets = targets_of(expected.document->target, subgraph, expectation.tenant,
                              EvaluateOptions().most_targets);
    if (!targets)
      error = targets.error().text();
    else
      for (const Target& target : *targets)
        reached.emplace_back(expectation.tenant,
                             target.record ? target.record->family() : target.family, target.id);
    return {};
  }));
  dependents_.put({Dependent::What::expectation, expectation}, recorder.take());
  for (const graph::Key& target : registry_->reached(expectation))
    touch(target, {.time = time, .before = {}, .about = expectation});
  registry_->put_reached(expectation, reached);
  for (const graph::Key& target : reached)
    touch(target, {.time = time, .before = {}, .about = expectation});
  if (!error.empty())
    refused_[expectation] = error;
  else
    refused_.erase(expectation);
  touch(selector_of(expectation), {.time = time, .before = {}});
  return {};
}

Result<ResidueKeeper::Round> ResidueKeeper::run(std::span<const graph::DeltaRef> deltas,
                                                graph::Sequence at, Timestamp now) {
  at_ = at;
  now_ = now;
  Round round;
  for (const graph::DeltaRef& delta : deltas) {
    if (delta->replaced_schema) {
      const ResidueIndex before = index_;
      const std::size_t leaves = leaves_;
      TRY(begin(at, now));
      // What stands is looked at again, so that it keeps its history.
      index_ = before;
      leaves_ = leaves;
      index_.for_each([this](const TargetResidues& one) {
        touch(one.target, {});
        return true;
      });
      break;
    }
    TRY(take(*delta));
  }
  take_flips();
  TRY(work_on_jobs());
  TRY(evaluate(std::exchange(touched_, {}), round));
  complete_ = complete_ || jobs_.empty();
  round.fallen = std::exchange(falls_, {});
  return round;
}

Result<void> ResidueKeeper::take(const graph::Delta& delta) {
  for (const graph::Delta::Change& change : delta.changes) {
    if (is_instance(change.key.family))
      TRY(take_instance(change, delta));
    else if (change.key.family == model::family_expectation)
      TRY(take_expectation(change, delta));
    else if (change.key.family == model::family_decision)
      TRY(take_decision(change, delta.time));
    std::set<Dependent> dependents;
    dependents_.of(change, *schema_, dependents);
    for (const Dependent& dependent : dependents)
      if (dependent.what == Dependent::What::target)
        touch(dependent.key, {.time = delta.time, .before = {}});
      else
        TRY(reach(dependent.key, delta.time));
  }
  return {};
}

Result<void> ResidueKeeper::take_instance(const graph::Delta::Change& change,
                                          const graph::Delta& delta) {
  if (is_expected(change.before) || is_expected(change.after))
    TRY(take_expectation(change, delta));
  if (expectations_ == 0 && !is_about_kind(change))
    return {};
  touch(change.key, {.time = delta.time, .before = change.before, .own = true});
  // Whether anything meets the expectation of something by kind and key.
  std::set<graph::Key> about;
  for (const graph::RecordRef& record : {change.before, change.after})
    if (record)
      registry_->about(*record, about);
  for (const graph::Key& expectation : about)
    if (registry_->is_by_key(expectation))
      touch(selector_of(expectation), {.time = delta.time, .before = {}});
  return {};
}

/// Whether an instance says what its kind does not allow, or did so.
bool ResidueKeeper::is_about_kind(const graph::Delta::Change& change) const {
  return index_.place_of(change.key) != nullptr ||
         (change.after && !rules::allowed_instead(*change.after, *schema_).empty());
}

Result<void> ResidueKeeper::take_expectation(const graph::Delta::Change& change,
                                             const graph::Delta& delta) {
  const std::int64_t time = delta.time;
  const bool counted = delta.sequence <= counted_at_;
  const bool was = change.key.family == model::family_expectation ? static_cast<bool>(change.before)
                                                                  : is_expected(change.before);
  if (was) {
    expectations_ -= counted ? 0 : 1;
    if (const auto target = named_target(*change.before, *schema_))
      touch(*target, {.time = time, .before = {}, .about = change.key});
    else
      touch_where_it_stands(change.key, time);
    registry_->erase(change.key);
    dependents_.erase({Dependent::What::expectation, change.key});
    compiled_.erase(change.key);
    refused_.erase(change.key);
    establishing_.erase(change.key);
    std::erase_if(jobs_, [&](const Job& job) { return job.establishes == change.key; });
    touch(selector_of(change.key), {.time = time, .before = {}});
  }
  // What is there now counts, for later deltas may have changed it again.
  graph::RecordRef now;
  TRY(read({.records = {change.key}}, nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
    now = subgraph.find(change.key);
    return {};
  }));
  const bool becomes = change.key.family == model::family_expectation
                           ? static_cast<bool>(change.after)
                           : is_expected(change.after);
  if (becomes && !counted)
    ++expectations_;
  const bool is = now && (change.key.family == model::family_expectation || is_expected(now));
  if (becomes && is)
    return declare(now, time, Look::at_targets);
  return {};
}

/// All targets of which something of the expectation stands, or is overruled or contradicted by it.
void ResidueKeeper::touch_where_it_stands(const graph::Key& expectation, std::int64_t time) {
  const auto is_it = [&expectation](const std::shared_ptr<const graph::Key>& other) {
    return other && *other == expectation;
  };
  index_.for_each([&](const TargetResidues& one) {
    for (const Residue& residue : one.residues) {
      const bool refuses =
          std::any_of(residue.leaves.begin(), residue.leaves.end(), [&](const StandingLeaf& leaf) {
            return is_it(leaf.overruled_by) || is_it(leaf.contradicted_by);
          });
      if (refuses || residue.expectation == expectation) {
        touch(one.target, {.time = time, .before = {}, .about = expectation});
        break;
      }
    }
    return true;
  });
}

Result<void> ResidueKeeper::take_decision(const graph::Delta::Change& change, std::int64_t time) {
  std::map<LeafId, graph::Key> before;
  if (change.before)
    if (const auto decision = stored_decision(*change.before, *schema_))
      for (const auto& [leaf, decided] : decision->standing())
        before.emplace(leaf, decided->target);
  std::map<LeafId, graph::Key> after;
  if (change.after)
    if (const auto decision = stored_decision(*change.after, *schema_)) {
      for (const auto& [leaf, decided] : decision->standing())
        if (!before.contains(leaf))
          after.emplace(leaf, decided->target);
        else
          before.erase(leaf);
      for (const auto& [leaf, fall] : decision->fallen)
        fallen_.erase({decision->id, leaf}); // the record tells from here on
      // Those that stood before may have fallen meanwhile, and do not come back.
      Decision fresh = *decision;
      std::erase_if(fresh.leaves,
                    [&](const DecidedLeaf& leaf) { return !after.contains(leaf.id); });
      add_approvals(fresh, change.key.tenant);
    }
  for (const auto& [leaf, target] : before) {
    if (const auto found = approvals_.find(leaf);
        found != approvals_.end() && found->second->decision == change.key.id) {
      approvals_.erase(found);
      approved_at_[target].erase(leaf);
    }
    touch(target, {.time = time, .before = {}});
  }
  for (const auto& [leaf, target] : after)
    touch(target, {.time = time, .before = {}});
  return {};
}

void ResidueKeeper::add_approvals(const Decision& decision, graph::Tenant tenant) {
  for (const auto& [leaf, decided] : decision.standing()) {
    if (fallen_.contains({decision.id, leaf}))
      continue;
    if (const auto earlier = approvals_.find(leaf);
        earlier != approvals_.end() && earlier->second->decision != decision.id)
      fall(*earlier->second, leaf, tenant,
           {decision.at, "the decision " + decision.id + " took its place"});
    approvals_[leaf] = std::make_shared<const Approval>(
        Approval{decision.id, decided->fingerprint, decision.until, decision.by, decision.reason});
    approved_at_[decided->target].insert(leaf);
  }
}

void ResidueKeeper::fall(const Approval& approval, const LeafId& leaf, graph::Tenant tenant,
                         Fall how) {
  fallen_.emplace(approval.decision, leaf);
  falls_.push_back({approval.decision, leaf, tenant, std::move(how)});
}

void ResidueKeeper::saw(std::span<const graph::Key> targets, Timestamp now) {
  for (const graph::Key& target : targets)
    if (unknown_.contains(target))
      touch(target, {.time = now.microseconds, .before = {}});
}

void ResidueKeeper::saw_all(Timestamp now) {
  for (const graph::Key& target : unknown_)
    touch(target, {.time = now.microseconds, .before = {}});
}

void ResidueKeeper::take_flips() {
  for (auto flip = flips_.begin(); flip != flips_.end() && flip->first <= now_.microseconds; ++flip)
    touch(flip->second, {.time = flip->first, .before = {}});
}

/// Looks at some more targets of new expectations.
Result<void> ResidueKeeper::work_on_jobs() {
  std::size_t swept = 0;
  while (!jobs_.empty() && swept < swept_in_a_round) {
    Job& job = jobs_.front();
    swept += job.targets.size();
    for (const graph::Key& target : job.targets)
      touch(target, {});
    job.targets.clear();
    if (!job.queries.empty()) {
      graph::Query& query = job.queries.front();
      graph::FetchPlan plan;
      plan.queries.push_back(query);
      graph::Page found;
      std::string refused;
      TRY(read(std::move(plan), nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
        auto one = subgraph.page(0);
        refused = one ? std::string() : one.error().text();
        if (one)
          found = *std::move(one);
        return {};
      }));
      if (!refused.empty()) {
        if (job.establishes) {
          refused_[*job.establishes] = refused;
          touch(selector_of(*job.establishes), {});
        }
        job.queries.resize(1); // the last
      }
      for (const graph::RecordRef& record : found.records)
        if (job.establishes || !rules::allowed_instead(*record, *schema_).empty())
          touch(record->key(), {});
      swept += found.records.size();
      query.after = std::move(found.next);
      if (!query.after)
        job.queries.erase(job.queries.begin());
    }
    if (job.queries.empty()) {
      if (job.establishes)
        establishing_.erase(*job.establishes);
      jobs_.pop_front();
    }
  }
  return {};
}

std::optional<Timestamp> ResidueKeeper::next_flip() const {
  return flips_.empty() ? std::nullopt : std::optional(Timestamp{flips_.begin()->first});
}

void ResidueKeeper::set_flip(const graph::Key& target, std::optional<Timestamp> flip) {
  if (const auto known = flip_of_.find(target); known != flip_of_.end()) {
    flips_.erase({known->second, target});
    flip_of_.erase(known);
  }
  if (!flip)
    return;
  flips_.emplace(flip->microseconds, target);
  flip_of_.emplace(target, flip->microseconds);
}

} // namespace diffo::loop
