#include "base/text.h"
#include "base/time.h"
#include "model/contradictions.h"
#include "model/declared.h"
#include "model/kinds.h"
#include "model/model.h"
#include "model/words.h"
#include "rules/enforce.h"
#include "rules/instances.h"
#include "rules/policy.h"
#include "rules/pools.h"

#include <algorithm>
#include <utility>

namespace diffo::rules {
namespace {

namespace words = model::words;
using Operation = AssignRequest::Operation;

constexpr std::int64_t second = 1'000'000;
constexpr graph::Word end_word = words::number_of("endDateTime");

Error refused(std::string message, ErrorCode code = ErrorCode::conflict) {
  return {code, std::move(message), "/assignment"};
}

/// domain.md §10.3: only what is there or on its way hands out.
Result<void> check_state(const graph::Record& assigner, const graph::Schema& schema) {
  const bool service = assigner.family() == model::family_service;
  const graph::Word word = service ? words::state : words::number_of("lifecycleState");
  const graph::ValueView view = assigner.root(schema.dictionary()).field(word);
  const std::string state = view ? view.text() : std::string();
  const std::string_view allowed =
      service ? "feasibilityChecked reserved inactive active suspended" : "planned installed";
  std::string_view left = allowed;
  while (!left.empty()) {
    const std::string_view one = left.substr(0, left.find(' '));
    if (one == state)
      return {};
    left.remove_prefix(std::min(left.size(), one.size() + 1));
  }
  std::string list(allowed);
  std::replace(list.begin(), list.end(), ' ', ',');
  return refused(std::string("cannot assign: ") +
                 (service ? "service state is " : "resource lifecycle state is ") +
                 (state.empty() ? "none" : state) + ", must be one of " + list);
}

/// One request to one pool.
class Assigner {
public:
  Assigner(const graph::Context& context, const graph::Key& assigner, const std::string& pool,
           const AssignRequest& request, graph::Subgraph& subgraph)
      : context_(context), assigner_(assigner), pool_name_(pool), request_(request),
        subgraph_(subgraph), model_(model::model_of(subgraph.schema())) {}

  Result<graph::Decision> run() {
    const graph::RecordRef assigner = subgraph_.find(assigner_);
    if (!assigner)
      return not_found(subgraph_.schema(), assigner_);
    const model::DeclaredKind* kind = kind_of(model_, *assigner);
    pool_ = kind != nullptr ? kind->pool(pool_name_) : nullptr;
    if (pool_ == nullptr)
      return Error{ErrorCode::invalid, "the instance has no pool " + pool_name_, "/assignment"};
    TRY(check_writer(context_, model_, *kind, &*assigner));
    TRY(check_state(*assigner, subgraph_.schema()));
    const auto bounds = pool_bounds(*pool_, assigner->root(subgraph_.schema().dictionary()));
    if (!bounds)
      return refused("the instance has no pool " + pool_name_);
    bounds_ = *bounds;
    query_ = free_query(assigner_, *pool_, bounds_);
    assignee_ = TRY(find_assignee());
    switch (request_.operation) {
    case Operation::auto_assign:
    case Operation::assign:
      TRY(hand_out());
      break;
    case Operation::unassign:
      TRY(take_back());
      break;
    case Operation::confirm:
      TRY(confirm());
      break;
    }
    return graph::Decision(std::move(changes_));
  }

private:
  Result<graph::Key> find_assignee() {
    std::vector<graph::Key> found;
    for (const graph::Family family : {model::family_service, model::family_resource})
      if (!request_.family || *request_.family == family)
        if (graph::Key key(assigner_.tenant, family, request_.assignee); subgraph_.find(key))
          found.push_back(std::move(key));
    if (found.size() > 1)
      return refused("a service and a resource have the id " + request_.assignee +
                     ": say which with family");
    if (found.empty())
      return Error{ErrorCode::not_found, "there is no instance with id " + request_.assignee,
                   "/assignment/assigneeId"};
    return std::move(found.front());
  }

  Result<void> hand_out() {
    if (!request_.assignable_type.empty() && request_.assignable_type != bounds_.type)
      return refused("the pool " + pool_->name + " has " +
                     (bounds_.type.empty() ? "no type" : "the type " + bounds_.type));
    TRY(check_quota());
    const std::int64_t value =
        request_.operation == Operation::assign ? TRY(wanted_value()) : TRY(picked_value());
    const graph::RecordDraft draft = assignment_draft(new_assignment(value));
    TRY(take_alias(draft.key.id));
    const std::int64_t lease = lease_until();
    for (std::uint32_t index = 0; index < request_.count; ++index)
      take(value + index, draft.key.id, lease);
    changes_.changes.insert(changes_.changes.begin(),
                            {draft.key, TRY(model::encode(draft, subgraph_.schema()))});
    return {};
  }

  [[nodiscard]] std::int64_t lease_until() const {
    const std::uint64_t seconds = request_.lease_seconds.value_or(pool_->lease_seconds);
    return seconds == 0 ? 0 : context_.now + static_cast<std::int64_t>(seconds) * second;
  }

  /// When the claim of a reservation ends: what is freed by itself rests as well.
  [[nodiscard]] std::int64_t claim_until(std::int64_t lease) const {
    return lease == 0 ? 0 : lease + static_cast<std::int64_t>(pool_->quarantine_seconds) * second;
  }

  Assigned new_assignment(std::int64_t value) {
    Assigned made;
    made.key = {assigner_.tenant, model::family_assignment,
                request_.fresh_id.empty() ? context_.new_id() : request_.fresh_id};
    graph::FetchPlan plan;
    plan.records.push_back(made.key);
    subgraph_.announce(plan);
    (void)subgraph_.find(made.key); // what is changed must have been read
    made.pool = pool_->name;
    made.thing = pool_->thing;
    made.value = value;
    made.size = pool_->units == model::Units::blocks ? pool_->block : request_.count;
    made.alias = request_.alias;
    made.type = bounds_.type;
    if (bounds_.network)
      made.unit = bounds_.network->inner(bounds_.prefix_length, value).text();
    made.lease_until = lease_until();
    made.assigner = {assigner_.family, assigner_.id};
    made.assignee = {assignee_.family, assignee_.id};
    return made;
  }

  /// The claim on a value, for whatever holder it has had.
  [[nodiscard]] std::optional<graph::Claim> claim_on(std::int64_t value, std::int64_t now) {
    graph::FetchPlan plan;
    plan.claims.push_back({query_.scope, std::to_string(value)});
    subgraph_.announce(plan);
    return subgraph_.claim(plan.claims.front(), now);
  }

  void take(std::int64_t value, const std::string& holder, std::int64_t lease) {
    // A lease that ran out is still held by somebody, who goes now.
    if (const auto dead = claim_on(value, 0); dead && !bury(dead->holder))
      changes_.release.push_back(*dead);
    changes_.take.push_back({.scope = query_.scope,
                             .key = std::to_string(value),
                             .holder = holder,
                             .branch = context_.principal.branch,
                             .lease_until = claim_until(lease)});
  }

  /// Takes away an assignment whose lease has run out, with all that it held. False: there is none.
  bool bury(const std::string& holder) {
    const graph::Key key(assigner_.tenant, model::family_assignment, holder);
    if (std::any_of(changes_.changes.begin(), changes_.changes.end(),
                    [&key](const graph::Change& change) { return change.key == key; }))
      return true;
    graph::FetchPlan plan;
    plan.records.push_back(key);
    subgraph_.announce(plan);
    const graph::RecordRef record = subgraph_.find(key);
    if (record)
      give_back(read_assigned(*record, subgraph_.schema()));
    return static_cast<bool>(record);
  }

  void give_back(const Assigned& assigned) {
    Further gone;
    rules::give_back(context_, subgraph_, assigned, gone);
    add(changes_, gone);
  }

  /// The alias is the assignee's name for what it got: each means one thing.
  Result<void> take_alias(const std::string& holder) {
    if (request_.alias.empty())
      return {};
    graph::Claim claim{.scope = alias_scope(assignee_),
                       .key = request_.alias,
                       .holder = holder,
                       .branch = context_.principal.branch,
                       .lease_until = lease_until()};
    graph::FetchPlan plan;
    plan.claims.push_back({claim.scope, claim.key});
    subgraph_.announce(plan);
    if (subgraph_.claim(plan.claims.front(), context_.now))
      return refused("the alias " + request_.alias + " of " + assignee_.id +
                     " has already been taken");
    if (const auto dead = subgraph_.claim(plan.claims.front(), 0); dead && !bury(dead->holder))
      changes_.release.push_back(*dead);
    changes_.take.push_back(std::move(claim));
    return {};
  }

  Result<void> check_quota() {
    if (pool_->quota == 0)
      return {};
    subgraph_.announce(plan_for_assignments(assignee_, model::kinds::assignee, most_of_assignee));
    std::uint64_t held = 0;
    for (const Assigned& one :
         assignments_of(subgraph_, assignee_, model::kinds::assignee, context_.now))
      if (one.pool == pool_->name && one.assigner.id == assigner_.id &&
          one.assigner.family == assigner_.family)
        held += pool_->units == model::Units::blocks ? 1 : static_cast<std::uint64_t>(one.size);
    if (held + request_.count > pool_->quota)
      return refused(assignee_.id + " has " + std::to_string(held) + " of the pool " + pool_->name +
                     " and may have " + std::to_string(pool_->quota));
    return {};
  }

  Result<std::int64_t> number_of(const json::Value& value) const {
    if (bounds_.network && value.is_string()) {
      const auto prefix = IpPrefix::parse(value.string());
      if (prefix && prefix->length == bounds_.prefix_length)
        if (const auto number = bounds_.network->number_of(*prefix))
          return *number;
    } else if (const std::int64_t* number = value.if_integer();
               number != nullptr && !bounds_.network) {
      return *number;
    }
    return Error{ErrorCode::invalid,
                 pool_->thing + ' ' + shortened(json::to_text(value), 64) + " is not assignable",
                 "/assignment/id"};
  }

  Result<std::int64_t> wanted_value() {
    if (!request_.value)
      return Error{ErrorCode::invalid, "id is required: the value to be assigned",
                   "/assignment/id"};
    const std::int64_t first = TRY(number_of(*request_.value));
    const std::int64_t step = pool_->units == model::Units::blocks ? pool_->block : 1;
    graph::FreeQuery one = query_;
    for (std::uint32_t index = 0; index < request_.count; ++index) {
      const std::int64_t value = first + index;
      one.ranges = {{value, value + step - 1}};
      const bool outside =
          size_of(one) != 1 || !is_within(value, value + step - 1) || value % step != 0;
      if (outside || claim_on(value, context_.now))
        return refused(pool_->thing + ' ' + text_of_number(value) + " is not assignable");
    }
    return first;
  }

  [[nodiscard]] bool is_within(std::int64_t first, std::int64_t last) const {
    const auto ranges = graph::allowed_ranges(query_);
    return ranges && std::any_of(ranges->begin(), ranges->end(), [&](const auto& range) {
             return range.first <= first && last <= range.last;
           });
  }

  [[nodiscard]] std::string text_of_number(std::int64_t value) const {
    return bounds_.network && is_within(value, value)
               ? bounds_.network->inner(bounds_.prefix_length, value).text()
               : std::to_string(value);
  }

  Result<std::int64_t> picked_value() {
    graph::FetchPlan plan;
    plan.free.push_back(query_);
    subgraph_.announce(plan);
    if (request_.count > 1)
      return picked_run();
    std::uint64_t number = 0;
    if (bounds_.algorithm != model::Algorithm::lowest) {
      const std::uint64_t free = TRY(subgraph_.count_free(query_, context_.now));
      if (free == 0)
        return exhausted();
      number = bounds_.algorithm == model::Algorithm::highest ? free - 1 : context_.random(free);
    }
    const auto found = TRY(subgraph_.nth_free(query_, number, context_.now));
    return found ? Result<std::int64_t>(*found) : exhausted();
  }

  /// The first run of free numbers that is long enough. Free numbers are ordered and distinct: the
  /// nth and the one `count - 1` behind it bound a run exactly when they differ by as much.
  Result<std::int64_t> picked_run() {
    if (pool_->units == model::Units::blocks)
      return refused("a block is assigned by itself: leave count out");
    constexpr int most_gaps = 10'000;
    std::uint64_t number = 0;
    for (int gap = 0; gap < most_gaps; ++gap) {
      const auto first = TRY(subgraph_.nth_free(query_, number, context_.now));
      if (!first)
        return exhausted();
      std::uint64_t run = 1;                      // so many follow each other for sure
      std::uint64_t beyond = request_.count + 1U; // so many do not
      while (run + 1 < beyond) {
        const std::uint64_t middle = run + (beyond - run) / 2;
        const auto last = TRY(subgraph_.nth_free(query_, number + middle - 1, context_.now));
        if (last && static_cast<std::uint64_t>(*last - *first) == middle - 1)
          run = middle;
        else
          beyond = middle;
      }
      if (run >= request_.count)
        return *first;
      number += run;
    }
    return exhausted();
  }

  [[nodiscard]] Error exhausted() const {
    return refused(request_.count > 1 ? "there are no " + std::to_string(request_.count) + ' ' +
                                            pool_->name + " in a row that are free"
                                      : "all " + pool_->name + " are assigned");
  }

  /// The assignment that a request means: by its value, or by the assignee's alias for it.
  Result<graph::RecordRef> present_assignment() {
    std::optional<graph::Claim> claim;
    std::string named;
    if (request_.value) {
      const std::int64_t value = TRY(number_of(*request_.value));
      named = pool_->thing + ' ' + text_of_number(value);
      claim = claim_on(value, context_.now);
    } else if (!request_.alias.empty()) {
      named = pool_->thing + " with alias " + request_.alias;
      graph::FetchPlan plan;
      plan.claims.push_back({alias_scope(assignee_), request_.alias});
      subgraph_.announce(plan);
      claim = subgraph_.claim(plan.claims.front(), context_.now);
    } else {
      return Error{ErrorCode::invalid, "id or alias is required", "/assignment"};
    }
    const Error none = refused(named + " is not assigned to assignee " + assignee_.id);
    if (!claim)
      return none;
    graph::FetchPlan plan;
    plan.records.emplace_back(assigner_.tenant, model::family_assignment, claim->holder);
    subgraph_.announce(plan);
    graph::RecordRef record = subgraph_.find(plan.records.front());
    if (!record)
      return none;
    const Assigned assigned = read_assigned(*record, subgraph_.schema());
    const bool same = assigned.assignee == graph::Target{assignee_.family, assignee_.id} &&
                      assigned.assigner == graph::Target{assigner_.family, assigner_.id} &&
                      assigned.pool == pool_->name && assigned.holds(context_.now) &&
                      (request_.alias.empty() || assigned.alias == request_.alias);
    return same ? Result<graph::RecordRef>(std::move(record)) : none;
  }

  Result<void> take_back() {
    const graph::RecordRef record = TRY(present_assignment());
    give_back(read_assigned(*record, subgraph_.schema()));
    return {};
  }

  Result<void> confirm() {
    const graph::RecordRef record = TRY(present_assignment());
    const Assigned assigned = read_assigned(*record, subgraph_.schema());
    if (assigned.lease_until == 0) {
      changes_.unchanged.push_back(record);
      return {};
    }
    graph::RecordDraft draft = record->to_draft(subgraph_.schema().dictionary());
    draft.root.erase_field(end_word);
    changes_.changes.push_back({draft.key, TRY(model::encode(draft, subgraph_.schema()))});
    const std::int64_t claims = pool_->units == model::Units::blocks ? 1 : assigned.size;
    for (std::int64_t index = 0; index < claims; ++index)
      changes_.take.push_back({.scope = query_.scope,
                               .key = std::to_string(assigned.value + index),
                               .holder = assigned.key.id,
                               .branch = context_.principal.branch});
    if (!assigned.alias.empty())
      changes_.take.push_back({.scope = alias_scope(assignee_),
                               .key = assigned.alias,
                               .holder = assigned.key.id,
                               .branch = context_.principal.branch});
    return {};
  }

  const graph::Context& context_;
  const graph::Key& assigner_;
  const std::string& pool_name_;
  const AssignRequest& request_;
  graph::Subgraph& subgraph_;
  const model::Model& model_;
  const model::Pool* pool_ = nullptr;
  PoolBounds bounds_;
  graph::FreeQuery query_;
  graph::Key assignee_;
  graph::ChangeSet changes_;
};

} // namespace

graph::Decide assign(graph::Context context, graph::Key assigner, std::string pool,
                     AssignRequest request) {
  return [context = std::move(context), assigner = std::move(assigner), pool = std::move(pool),
          request = std::move(request)](graph::Subgraph& subgraph) {
    return Assigner(context, assigner, pool, request, subgraph).run();
  };
}

graph::FetchPlan plan_for_assigning(const graph::Key& assigner, const AssignRequest& request) {
  graph::FetchPlan plan;
  plan.records.push_back(assigner);
  for (const graph::Family family : {model::family_service, model::family_resource})
    if (!request.family || *request.family == family)
      plan.records.emplace_back(assigner.tenant, family, request.assignee);
  if (!request.fresh_id.empty())
    plan.records.emplace_back(assigner.tenant, model::family_assignment, request.fresh_id);
  return plan;
}

} // namespace diffo::rules
