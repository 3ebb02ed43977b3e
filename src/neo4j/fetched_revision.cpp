#include "neo4j/fetched_revision.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace diffo::neo4j {
namespace {

/// Walks are asked for by what they are; whoever has flown one knows all that it reaches.
bool has_walk(const Flight& flight, const graph::FetchPlan::Walk& walk) {
  return std::find(flight.walks.begin(), flight.walks.end(), walk) != flight.walks.end();
}

bool has_referrers(const Flight& flight, const graph::FetchPlan::Referrers& asked) {
  const auto found = flight.referrers.find(asked.key);
  if (found == flight.referrers.end())
    return false;
  const auto covers = [&](const graph::FetchPlan::Referrers& one) {
    return one.key == asked.key && one.most >= asked.most &&
           (one.kinds.empty() ||
            (!asked.kinds.empty() &&
             std::all_of(asked.kinds.begin(), asked.kinds.end(), [&](graph::ElementKind kind) {
               return std::find(one.kinds.begin(), one.kinds.end(), kind) != one.kinds.end();
             })));
  };
  return std::any_of(flight.asked_referrers.begin(), flight.asked_referrers.end(), covers);
}

} // namespace

FetchedRevision::FetchedRevision(graph::Sequence sequence,
                                 std::shared_ptr<const graph::Schema> schema,
                                 const RecentDeltas& recent, const Pools& pools,
                                 const FlightLimits& limits, FlyAgain fly)
    : sequence_(sequence), schema_(std::move(schema)), recent_(recent), pools_(pools),
      limits_(limits), fly_(std::move(fly)) {}

/// What the database could not order is asked for otherwise, where that can be chosen.
bool FetchedRevision::admit(const FlightRef& flight, Choose* choose) const {
  const graph::Sequence since = flights_.empty() ? flight->since : std::min(since_, flight->since);
  auto images = recent_.images_at(sequence_, since);
  const auto as_asked = recent_.images_at(flight->queries_at, flight->queries_at);
  if (!images || !as_asked)
    return false;
  std::vector<Answered> pages;
  for (const Flight::Answered& one : flight->queries) {
    auto page = page_from(one.query, *schema_, one.asked, one.answers, *images, *as_asked,
                          sequence_, limits_.most_candidates);
    const ErrorCode code = page ? ErrorCode::internal : page.error().code;
    const bool is_unordered =
        code == ErrorCode::unsupported && (choose == nullptr || *choose == Choose::database);
    if (is_unordered && choose != nullptr)
      *choose = Choose::here;
    if (is_unordered || code == ErrorCode::conflict)
      return false;
    pages.push_back({one.query, std::move(page)});
  }
  since_ = since;
  images_ = *std::move(images);
  claims_ = recent_.claims_at(sequence_, since);
  flights_.push_back(flight);
  for (Answered& one : pages) {
    if (one.page)
      for (const graph::RecordRef& record : one.page->records)
        paged_.emplace(record->key(), record);
    pages_.push_back(std::move(one));
  }
  return true;
}

bool FetchedRevision::note(Error error) const {
  if (!failure_)
    failure_ = std::move(error);
  return false;
}

/// What of a plan no flight has brought yet.
graph::FetchPlan FetchedRevision::unknown(const graph::FetchPlan& plan) const {
  graph::FetchPlan rest;
  const auto any_flight = [this](const auto& has) {
    return std::any_of(flights_.begin(), flights_.end(),
                       [&](const FlightRef& flight) { return has(*flight); });
  };
  for (const graph::Key& key : plan.records) {
    bool is_known = false;
    static_cast<void>(known(key, is_known));
    if (!is_known)
      rest.records.push_back(key);
  }
  for (const auto& walk : plan.walks)
    if (!any_flight([&](const Flight& flight) { return has_walk(flight, walk); }))
      rest.walks.push_back(walk);
  for (const auto& asked : plan.referrers)
    if (!any_flight([&](const Flight& flight) { return has_referrers(flight, asked); }))
      rest.referrers.push_back(asked);
  for (const graph::Query& query : plan.queries)
    if (page_of(query) == nullptr)
      rest.queries.push_back(query);
  if (!rest.queries.empty())
    rest.page_edges = plan.page_edges;
  for (const graph::ClaimName& name : plan.claims)
    if (!any_flight([&](const Flight& flight) { return flight.claims.count(name) != 0; }) &&
        !pools_.find_at(name, sequence_))
      rest.claims.push_back(name);
  for (const graph::FreeQuery& query : plan.free)
    if (!pools_.unknown({query}).empty())
      rest.free.push_back(query);
  return rest;
}

bool FetchedRevision::fetch_more(const graph::FetchPlan& plan) const {
  if (!fetch_unknown(plan))
    return false;
  // Where the page was not chosen by the database, or was changed on its way.
  const graph::FetchPlan targets = unknown(page_targets(plan));
  return targets.empty() || fetch_unknown(targets);
}

/// What the records of the pages refer to, as far as the plan wants it.
graph::FetchPlan FetchedRevision::page_targets(const graph::FetchPlan& plan) const {
  graph::FetchPlan targets;
  const auto& kinds = plan.page_edges;
  std::set<graph::Key> keys;
  for (const graph::Query& query : plan.queries)
    if (const Answered* answered = page_of(query); answered != nullptr && answered->page)
      for (const graph::RecordRef& record : answered->page->records)
        graph::for_each_edge(
            record->root(schema_->dictionary()), [&](const graph::ElementView& edge) {
              if (std::find(kinds.begin(), kinds.end(), edge.kind()) != kinds.end())
                keys.emplace(record->tenant(), edge.target_family(),
                             std::string(edge.target_id().text()));
            });
  targets.records.assign(keys.begin(), keys.end());
  return targets;
}

bool FetchedRevision::fetch_unknown(const graph::FetchPlan& plan) const {
  constexpr int most_flights = 6;
  constexpr int flights_before_quiet = 3;
  Choose choose = Choose::database;
  for (int round = 0; round < most_flights; ++round) {
    const graph::FetchPlan rest = unknown(plan);
    if (rest.empty())
      return true;
    auto flight = fly_(rest, {round >= flights_before_quiet, choose, sequence_});
    if (!flight)
      return note(std::move(flight).error());
    if (admit(*flight, &choose))
      return true;
  }
  return note({ErrorCode::unavailable, "what is read changes too fast; try again in a second"});
}

graph::RecordRef FetchedRevision::known(const graph::KeyView& key, bool& is_known) const {
  is_known = true;
  if (const auto image = images_.find(key); image != images_.end())
    return image->second;
  bool is_absent = false;
  for (const FlightRef& flight : flights_) {
    if (const auto found = flight->records.find(key); found != flight->records.end())
      return found->second;
    is_absent = is_absent || flight->asked.find(key) != flight->asked.end();
  }
  if (const auto found = paged_.find(key); found != paged_.end())
    return found->second;
  is_known = is_absent;
  return {};
}

graph::RecordRef FetchedRevision::find(const graph::KeyView& key) const {
  bool is_known = false;
  graph::RecordRef record = known(key, is_known);
  // A walk leads elsewhere where a record was changed while its flight was under way.
  if (!is_known && fetch_more({.records = {graph::Key(key)}}))
    record = known(key, is_known);
  return record;
}

void FetchedRevision::referrers(const graph::KeyView& key,
                                const std::function<bool(const graph::Referrer&)>& visit) const {
  std::set<std::pair<graph::Key, graph::ElementKind>> all;
  bool is_known = false;
  for (int round = 0; round < 2 && !is_known; ++round) {
    for (const FlightRef& flight : flights_)
      if (const auto found = flight->referrers.find(key); found != flight->referrers.end()) {
        is_known = true;
        for (const Flight::Referrer& one : found->second)
          if (images_.find(one.key) == images_.end())
            all.emplace(one.key, one.edge);
      }
    if (!is_known && !fetch_more({.referrers = {{graph::Key(key), {}}}}))
      return;
  }
  for (const auto& [referrer, edge] : all) {
    bool is_there = false;
    if (const graph::RecordRef record = known(referrer, is_there); record && !visit({record, edge}))
      return;
  }
  for (const auto& [changed, record] : images_) {
    if (!record || changed.tenant != key.tenant)
      continue;
    std::set<graph::ElementKind> kinds;
    graph::for_each_edge(record->root(schema_->dictionary()), [&](const graph::ElementView& edge) {
      if (edge.target_family() == key.family && edge.target_id().equals(key.id))
        kinds.insert(edge.kind());
    });
    for (const graph::ElementKind kind : kinds)
      if (!visit({record, kind}))
        return;
  }
}

std::uint64_t FetchedRevision::count_referrers(const graph::KeyView& key) const {
  std::uint64_t count = 0;
  referrers(key, [&](const graph::Referrer&) {
    ++count;
    return true;
  });
  return count;
}

const FetchedRevision::Answered* FetchedRevision::page_of(const graph::Query& query) const {
  const auto found = std::find_if(pages_.begin(), pages_.end(),
                                  [&](const Answered& one) { return one.query == query; });
  return found == pages_.end() ? nullptr : &*found;
}

Result<graph::Page> FetchedRevision::query(const graph::Query& query,
                                           const Cancellation& cancellation) const {
  if (cancellation.is_requested())
    return Error{ErrorCode::unavailable, "the search was given up"};
  if (page_of(query) == nullptr && !fetch_more({.queries = {query}}))
    return *failure_;
  return page_of(query)->page;
}

std::optional<graph::Claim> FetchedRevision::claim(const graph::ClaimName& name,
                                                   std::int64_t now) const {
  const auto in_force = [now](const std::optional<graph::Claim>& claim) {
    return claim && graph::holds(*claim, now) ? claim : std::nullopt;
  };
  if (const auto changed = claims_.find(name); changed != claims_.end())
    return in_force(changed->second);
  // Those of a pool in use are at hand.
  if (const auto pooled = pools_.find_at(name, sequence_))
    return in_force(*pooled);
  if (!fetch_more({.claims = {name}}))
    return std::nullopt;
  for (const FlightRef& flight : flights_)
    if (const auto found = flight->claims.find(name); found != flight->claims.end())
      return in_force(found->second);
  return std::nullopt;
}

Result<std::uint64_t> FetchedRevision::count_free(const graph::FreeQuery& query,
                                                  std::int64_t now) const {
  if (!fetch_more({.free = {query}})) // it may have been forgotten since the flight
    return *failure_;
  return pools_.count_free(query, now);
}

Result<std::optional<std::int64_t>>
FetchedRevision::nth_free(const graph::FreeQuery& query, std::uint64_t n, std::int64_t now) const {
  if (!fetch_more({.free = {query}}))
    return *failure_;
  return pools_.nth_free(query, n, now);
}

} // namespace diffo::neo4j
