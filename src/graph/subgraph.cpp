#include "graph/subgraph.h"

#include "graph/compiled_filter.h"

#include <algorithm>
#include <utility>

namespace diffo::graph {
namespace {

bool has_kind(const std::vector<ElementKind>& kinds, ElementKind kind) {
  return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// Whether what was fetched for `fetched` kinds answers a question about `asked` ones.
bool covers(const std::vector<ElementKind>& fetched, const std::vector<ElementKind>& asked) {
  return fetched.empty() ||
         (!asked.empty() && std::all_of(asked.begin(), asked.end(),
                                        [&](ElementKind kind) { return has_kind(fetched, kind); }));
}

} // namespace

Subgraph::Subgraph(std::shared_ptr<const Revision> revision) : revision_(std::move(revision)) {}

Subgraph::Subgraph(std::shared_ptr<const Revision> revision, FetchPlan plan, Recorder* recorder,
                   Unplanned unplanned)
    : revision_(std::move(revision)), plan_(std::move(plan)), recorder_(recorder),
      unplanned_(unplanned) {
  if (unplanned_ != Unplanned::serve)
    run(FetchPlan(plan_)); // a copy: a walk adds referrers to the plan
}

void Subgraph::reach(const KeyView& key) {
  if (reachable_.find(key) == reachable_.end())
    reachable_.emplace(key);
}

void Subgraph::miss(const KeyView& key) {
  if (missed_.find(key) != missed_.end())
    return;
  missed_.emplace(key);
  missing_.records.emplace_back(key);
}

/// Collects what the plan reaches.
void Subgraph::run(const FetchPlan& plan) {
  for (const Key& key : plan.records)
    reach(key);
  for (const FetchPlan::Walk& walk : plan.walks)
    run_walk(walk);
  for (const FetchPlan::Referrers& asked : plan.referrers) {
    std::uint32_t left = asked.most;
    if (left > 0)
      revision_->referrers(asked.key, [&](const Referrer& referrer) {
        if (!has_kind(asked.kinds, referrer.edge))
          return true;
        reach(referrer.record->key());
        return --left > 0;
      });
  }
}

void Subgraph::announce(const FetchPlan& more) {
  switch (unplanned_) {
  case Unplanned::serve:
    plan_.extend({.referrers = more.referrers}); // their bounds hold
    return;
  case Unplanned::fail:
    // What is announced may be fetched, where it is not at hand.
    static_cast<void>(revision_->fetch_more(more));
    plan_.extend(more);
    run(more);
    return;
  case Unplanned::refuse:
    break;
  }
  FetchPlan fresh;
  for (const Key& key : more.records)
    if (!is_planned(key) && missed_.find(key) == missed_.end())
      fresh.records.push_back(key);
  for (const FetchPlan::Referrers& asked : more.referrers)
    if (planned_referrers(asked.key, asked.kinds) == nullptr)
      fresh.referrers.push_back(asked);
  const auto add_new = [](const auto& all, const auto& wanted, auto& into) {
    for (const auto& item : wanted)
      if (std::find(all.begin(), all.end(), item) == all.end())
        into.push_back(item);
  };
  add_new(plan_.walks, more.walks, fresh.walks);
  add_new(plan_.queries, more.queries, fresh.queries);
  add_new(plan_.claims, more.claims, fresh.claims);
  add_new(plan_.free, more.free, fresh.free);
  if (!fresh.empty() && !fetch_now(fresh)) {
    missed_.insert(fresh.records.begin(), fresh.records.end());
    missing_.extend(fresh);
  }
}

/// Where the data is far away, what is refused otherwise can be had for one more flight.
bool Subgraph::fetch_now(const FetchPlan& more) {
  if (unplanned_ != Unplanned::refuse || !complete() || !revision_->fetch_more(more))
    return false;
  plan_.extend(more);
  run(more);
  return true;
}

std::optional<Error> Subgraph::forgotten() const {
  if (unplanned_ != Unplanned::fail || complete())
    return std::nullopt;
  return Error{ErrorCode::internal,
               "what is read was not announced: " + describe(missing_, schema())};
}

void Subgraph::run_walk(const FetchPlan::Walk& walk) {
  std::vector<Key> reached = walk.from;
  std::size_t left = walk.most_records;
  for (const Key& key : reached)
    reach(key);
  for (const FetchPlan::Hop& hop : walk.hops) {
    std::vector<Key> next;
    for (const Key& key : reached)
      step(key, hop, next);
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    if (next.size() > left)
      return; // what lies behind was not fetched
    left -= next.size();
    for (const Key& key : next)
      reach(key);
    reached = std::move(next);
  }
}

void Subgraph::step(const Key& from, const FetchPlan::Hop& hop, std::vector<Key>& next) {
  const auto filter = CompiledFilter::compile(hop.edge, schema());
  if (!filter)
    return; // what cannot be asked is not fetched
  std::uint32_t left = hop.most;
  const auto fits = [&](const Record& record, const ElementView& edge) {
    return left > 0 && has_kind(hop.kinds, edge.kind()) && filter->holds(record, edge);
  };
  if (hop.direction == Direction::in) {
    plan_.referrers.push_back({from, hop.kinds, hop.most});
    revision_->referrers(from, [&](const Referrer& referrer) {
      const Record& record = *referrer.record;
      bool leads_here = false;
      for_each_edge(record.root(schema().dictionary()), [&](const ElementView& edge) {
        leads_here =
            leads_here || (edge.kind() == referrer.edge && fits(record, edge) &&
                           edge.target_family() == from.family && edge.target_id().equals(from.id));
      });
      if (leads_here) {
        next.push_back(record.key());
        --left;
      }
      return left > 0;
    });
    return;
  }
  const RecordRef record = revision_->find(from);
  if (!record)
    return;
  for_each_edge(record->root(schema().dictionary()), [&](const ElementView& edge) {
    if (!fits(*record, edge))
      return;
    next.emplace_back(record->tenant(), edge.target_family(), edge.target_id().text());
    --left;
  });
}

bool Subgraph::is_planned(const KeyView& key) const {
  return unplanned_ == Unplanned::serve || reachable_.find(key) != reachable_.end();
}

Fetched Subgraph::fetch(const KeyView& key, const std::vector<FieldPath>& fields) {
  if (!is_planned(key) && !fetch_now({.records = {Key(key)}})) {
    miss(key);
    return {};
  }
  RecordRef record = revision_->find(key);
  if (recorder_ != nullptr)
    recorder_->record(key, record, fields);
  return {record ? Fetched::State::present : Fetched::State::absent, std::move(record)};
}

const FetchPlan::Referrers*
Subgraph::planned_referrers(const KeyView& key, const std::vector<ElementKind>& kinds) const {
  for (const FetchPlan::Referrers& asked : plan_.referrers)
    if (KeyView(asked.key) == key && covers(asked.kinds, kinds))
      return &asked;
  return nullptr;
}

Seen Subgraph::referrers(const KeyView& key, const std::vector<ElementKind>& kinds,
                         const std::function<bool(const Referrer&)>& visit) {
  const FetchPlan::Referrers* planned = planned_referrers(key, kinds);
  if (planned == nullptr && fetch_now({.referrers = {{Key(key), kinds}}}))
    planned = planned_referrers(key, kinds);
  if (planned == nullptr && unplanned_ != Unplanned::serve) {
    missing_.extend({.referrers = {{Key(key), kinds}}});
    return Seen::not_fetched;
  }
  if (recorder_ != nullptr)
    recorder_->referrers(key, kinds);
  // Bounded as it would be elsewhere, so that a rule meets the bound in its tests.
  std::uint64_t left = planned != nullptr ? planned->most : ~std::uint64_t{0};
  const std::vector<ElementKind> fetched = planned != nullptr ? planned->kinds : kinds;
  Seen seen = Seen::all;
  revision_->referrers(key, [&](const Referrer& referrer) {
    if (!has_kind(fetched, referrer.edge))
      return true;
    if (left == 0) {
      seen = Seen::cut;
      return false;
    }
    --left;
    if (!has_kind(kinds, referrer.edge))
      return true;
    if (recorder_ != nullptr)
      recorder_->record(referrer.record->key(), referrer.record);
    return visit(referrer);
  });
  return seen;
}

void Subgraph::reach_targets(const Record& record) {
  for_each_edge(record.root(schema().dictionary()), [&](const ElementView& edge) {
    if (has_kind(plan_.page_edges, edge.kind()))
      reach(Key(record.tenant(), edge.target_family(), edge.target_id().text()));
  });
}

Result<Page> Subgraph::handed_out(const Query& query, Result<Page> page) {
  if (page && unplanned_ != Unplanned::serve)
    for (const RecordRef& record : page->records) {
      reach(record->key());
      if (!plan_.page_edges.empty())
        reach_targets(*record);
    }
  if (recorder_ == nullptr)
    return page;
  recorder_->range(query);
  if (page)
    for (const RecordRef& record : page->records)
      recorder_->record(record->key(), record);
  return page;
}

Result<Page> Subgraph::page(std::size_t number) {
  if (number >= plan_.queries.size())
    return Error{ErrorCode::unavailable, "the plan has no such query"};
  const Query& query = plan_.queries[number];
  return handed_out(query, revision_->query(query, plan_.cancellation));
}

Result<Page> Subgraph::query(const Query& query) {
  const auto& planned = plan_.queries;
  if (unplanned_ != Unplanned::serve &&
      std::find(planned.begin(), planned.end(), query) == planned.end() &&
      !fetch_now({.queries = {query}})) {
    missing_.extend({.queries = {query}});
    return Error{ErrorCode::unavailable, "the query was not fetched"};
  }
  return handed_out(query, revision_->query(query, plan_.cancellation));
}

Footprint Subgraph::take_footprint() {
  return recorder_ != nullptr ? recorder_->take() : Footprint();
}

void Subgraph::add_footprint(const Footprint& footprint) {
  if (recorder_ != nullptr)
    recorder_->add(footprint);
}

std::optional<Claim> Subgraph::claim(const ClaimName& name, std::int64_t now) {
  if (unplanned_ != Unplanned::serve &&
      std::find(plan_.claims.begin(), plan_.claims.end(), name) == plan_.claims.end() &&
      !fetch_now({.claims = {name}})) {
    missing_.extend({.claims = {name}});
    return std::nullopt;
  }
  if (recorder_ != nullptr)
    recorder_->claim(name);
  return revision_->claim(name, now);
}

bool Subgraph::is_planned(const FreeQuery& query) const {
  return unplanned_ == Unplanned::serve ||
         std::find(plan_.free.begin(), plan_.free.end(), query) != plan_.free.end();
}

Error Subgraph::miss(const FreeQuery& query) {
  missing_.extend({.free = {query}});
  return {ErrorCode::unavailable, "what is free was not fetched"};
}

Result<std::uint64_t> Subgraph::count_free(const FreeQuery& query, std::int64_t now) {
  if (!is_planned(query) && !fetch_now({.free = {query}}))
    return miss(query);
  if (recorder_ != nullptr)
    recorder_->claim({query.scope, {}});
  return revision_->count_free(query, now);
}

Result<std::optional<std::int64_t>> Subgraph::nth_free(const FreeQuery& query, std::uint64_t n,
                                                       std::int64_t now) {
  if (!is_planned(query) && !fetch_now({.free = {query}}))
    return miss(query);
  if (recorder_ != nullptr)
    recorder_->claim({query.scope, {}});
  return revision_->nth_free(query, n, now);
}

} // namespace diffo::graph
