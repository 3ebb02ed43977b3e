#include "neo4j/neo4j_store.h"

#include "graph/change_checks.h"
#include "neo4j/core.h"
#include "neo4j/follower.h"
#include "neo4j/layout.h"
#include "neo4j/record_check.h"
#include "neo4j/setup.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace diffo::neo4j {

Neo4jStore::Neo4jStore(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Neo4jStore::~Neo4jStore() = default;

Result<std::unique_ptr<Neo4jStore>> Neo4jStore::open(Neo4jOptions options) {
  DIFFO_ASSERT(options.schema != nullptr && options.clock != nullptr);
  auto core = TRY(Core::open(std::move(options)));
  auto store = std::unique_ptr<Neo4jStore>(new Neo4jStore(std::move(core)));
  store->core_->start();
  const Neo4jOptions& used = store->core_->options;
  if (used.follow_every > std::chrono::milliseconds(0) && !used.read_only) {
    store->follower_ = store->make_follower();
    store->follower_->start();
  }
  return store;
}

std::unique_ptr<Follower> Neo4jStore::make_follower() {
  return std::make_unique<Follower>(FollowerOptions{.database = *core_->database,
                                                    .store = *this,
                                                    .clock = *core_->options.clock,
                                                    .log = core_->options.log,
                                                    .every = core_->options.follow_every,
                                                    .since = core_->last_commit_at,
                                                    .own_nodes = [this] { return own_nodes(); }});
}

Result<OwnNodes> Neo4jStore::own_nodes() {
  return core_->own_nodes();
}

graph::Capabilities Neo4jStore::capabilities() const {
  return {.branches = false,
          .time_travel = false,
          .backup = false,
          .check = true,
          .replace_schema = true};
}

const graph::Schema& Neo4jStore::schema() const {
  return core_->schema();
}

void Neo4jStore::read(graph::Pin pin, graph::FetchPlan plan, graph::Recorder* recorder,
                      std::function<void(Result<graph::Subgraph>)> done) {
  // Shared: work that is posted can be copied.
  const auto call = std::make_shared<std::function<void(Result<graph::Subgraph>)>>(std::move(done));
  const bool accepted =
      core_->workers.post([core = core_.get(), call, recorder, pin = std::move(pin),
                           plan = std::move(plan)] { (*call)(core->read(pin, plan, recorder)); });
  if (!accepted)
    (*call)(Error{ErrorCode::unavailable, "too much is waiting for the database"});
}

void Neo4jStore::transact(graph::Context context, graph::FetchPlan plan, graph::Decide decide,
                          graph::Deciding deciding,
                          std::function<void(Result<graph::Commit>)> done) {
  core_->transact(std::make_shared<Transaction>(Transaction{.context = std::move(context),
                                                            .plan = std::move(plan),
                                                            .decide = std::move(decide),
                                                            .deciding = deciding,
                                                            .done = std::move(done)}));
}

Result<graph::Tenant> Neo4jStore::tenant(std::string_view name) {
  return core_->tenant(name);
}

std::vector<std::string> Neo4jStore::tenants() const {
  return core_->tenants();
}

Result<void> Neo4jStore::begin_behind(graph::Sequence sequence) {
  return core_->begin_behind(sequence);
}

graph::Sequence Neo4jStore::oldest_entry() const {
  return core_->oldest;
}

Result<std::vector<graph::JournalEntry>> Neo4jStore::journal(graph::Sequence from,
                                                             std::size_t limit) const {
  from = std::max<graph::Sequence>(from, 1);
  auto entries = TRY(entries_of(*core_->database, from, core_->published().sequence, limit));
  if (const graph::Sequence first = oldest_entry(); from < first)
    return Error{ErrorCode::gone, "entries are missing: the journal is kept from entry " +
                                      std::to_string(first) + " on"};
  return entries;
}

Result<graph::Sequence> Neo4jStore::sequence_at(std::int64_t time) const {
  const auto results = TRY(core_->database->read(
      {{"CYPHER 5 MATCH (j:DiffoJournal) WHERE j.time <= $time AND j.sequence <= $newest RETURN "
        "j.sequence AS sequence ORDER BY j.time DESC, j.sequence DESC LIMIT 1",
        bolt::Map{{"time", time},
                  {"newest", static_cast<std::int64_t>(core_->published().sequence)}}}}));
  if (!results.front().records.empty())
    if (const auto* sequence = results.front().records.front()["sequence"].get_if<std::int64_t>())
      return static_cast<graph::Sequence>(*sequence);
  if (const graph::Sequence first = oldest_entry(); first > 1)
    return Error{ErrorCode::gone, "the time is too long ago: the journal is kept from entry " +
                                      std::to_string(first) + " on"};
  return graph::Sequence{0};
}

Result<std::vector<graph::Version>>
Neo4jStore::history(const graph::KeyView& key, graph::Sequence before, std::size_t limit) const {
  const Published newest = core_->published();
  const graph::Sequence last =
      std::min(newest.sequence, before == 0 ? newest.sequence : before - 1);
  if (limit == 0 || last + 1 < oldest_entry() || key.id.size() > graph::max_id_bytes)
    return std::vector<graph::Version>();
  return versions_of(*core_->database, *newest.schema, key, last, limit);
}

void Neo4jStore::note_seen(const graph::KeyView& record, std::string_view source, std::int64_t at) {
  constexpr std::size_t most_waiting = 4'096;
  const std::size_t waiting = core_->aside.with([&](Aside& noted) {
    std::int64_t& last = noted.seen[{key_text(record), std::string(source)}];
    last = std::max(last, at);
    return noted.seen.size();
  });
  if (waiting >= most_waiting)
    core_->wake();
}

Result<void> Neo4jStore::keep_seen() {
  if (!core_->run_between_batches([] {}))
    return Error{ErrorCode::unavailable, "the store has stopped"};
  if (const std::string reason = read_only_reason(); !reason.empty())
    return Error{ErrorCode::unavailable, "the store is read-only: " + reason};
  return {};
}

Result<std::vector<graph::Sighting>> Neo4jStore::seen(const graph::KeyView& record) const {
  const std::string key = key_text(record);
  std::map<std::string, std::int64_t> sightings;
  const auto note = [&sightings](const std::string& source, std::int64_t at) {
    std::int64_t& last = sightings[source];
    last = std::max(last, at);
  };
  core_->aside.with([&](const Aside& waiting) {
    for (const Sightings* noted : {&waiting.seen_under_way, &waiting.seen})
      for (auto one = noted->lower_bound({key, {}}); one != noted->end() && one->first.first == key;
           ++one)
        note(one->first.second, one->second);
  });
  const auto results = TRY(core_->database->read(
      {{"CYPHER 5 MATCH (s:DiffoSeen {key:$key}) RETURN s.source AS source, s.at AS at",
        bolt::Map{{"key", key}}}}));
  for (const bolt::Record& row : results.front().records) {
    const std::string* source = row["source"].get_if<std::string>();
    const std::int64_t* at = row["at"].get_if<std::int64_t>();
    if (source != nullptr && at != nullptr)
      note(*source, *at);
  }
  std::vector<graph::Sighting> all;
  all.reserve(sightings.size());
  for (const auto& [source, at] : sightings)
    all.push_back({source, at});
  return all;
}

Result<std::vector<graph::DeltaRef>> Neo4jStore::deltas(graph::Sequence from,
                                                        std::size_t limit) const {
  return core_->deltas(from, limit);
}

void Neo4jStore::save_cursor(std::string_view consumer, graph::Sequence sequence) {
  core_->cursors.lock()->insert_or_assign(std::string(consumer), sequence);
  core_->aside.lock()->cursors.insert_or_assign(std::string(consumer), sequence);
}

std::optional<graph::Sequence> Neo4jStore::cursor(std::string_view consumer) const {
  return core_->cursors.with([&](const auto& all) -> std::optional<graph::Sequence> {
    const auto found = all.find(consumer);
    return found == all.end() ? std::nullopt : std::optional(found->second);
  });
}

void Neo4jStore::forget_cursor(std::string_view consumer) {
  core_->cursors.with([&](auto& all) {
    if (const auto found = all.find(consumer); found != all.end())
      all.erase(found);
  });
  core_->aside.with([&](Aside& waiting) {
    waiting.cursors.erase(std::string(consumer));
    waiting.forgotten_cursors.emplace_back(consumer);
  });
}

Result<void>
Neo4jStore::for_each_claim(const std::function<void(const graph::Claim& claim)>& visit) const {
  constexpr std::int64_t at_once = 10'000;
  for (std::string last;;) {
    const auto results = TRY(core_->database->read(
        {{"CYPHER 5 MATCH (c:DiffoClaim) WHERE c.id > $last RETURN c.id AS id, c.scope AS scope, "
          "c.key AS key, c.holder AS holder, c.branch AS branch, c.until AS until ORDER BY c.id "
          "LIMIT $limit",
          bolt::Map{{"last", last}, {"limit", at_once}}}}));
    const auto& rows = results.front().records;
    for (const bolt::Record& row : rows)
      if (!row["key"].is_null()) // else released while it was read
        visit(TRY(claim_of(row)));
    if (static_cast<std::int64_t>(rows.size()) < at_once)
      return {};
    last = TRY(text_in(rows.back(), "id"));
  }
}

Result<void> Neo4jStore::check(const graph::FindingSink& sink) const {
  TRY(check_records(*core_->database, core_->schema(), oldest_entry(), core_->published().sequence,
                    sink));
  return check_shared_graph(core_->database->driver(), core_->database->name(), sink);
}

Result<std::unique_ptr<graph::Watch>>
Neo4jStore::watch(graph::Sequence from,
                  std::function<void(std::span<const graph::DeltaRef>)> enqueue) {
  return core_->watch(from, std::move(enqueue));
}

graph::Statistics Neo4jStore::statistics() const {
  graph::Statistics all;
  all.sequence = core_->published().sequence;
  all.sealed_sequence = oldest_entry() - 1;
  all.transactions = core_->transactions;
  all.commits = core_->commits;
  all.batches = core_->batches;
  return all;
}

std::string Neo4jStore::read_only_reason() const {
  std::string reason = core_->read_only_reason();
  if (reason.empty())
    return core_->away();
  core_->wake(); // to look whether it is so still
  return reason;
}

void Neo4jStore::stop() {
  if (follower_)
    follower_->stop();
  core_->stop();
}

bolt::Metrics Neo4jStore::metrics() const {
  return core_->database->driver().metrics();
}

} // namespace diffo::neo4j
