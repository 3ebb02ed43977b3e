#include "neo4j/flight.h"

#include "neo4j/layout.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <utility>

namespace diffo::neo4j {
namespace {

using bolt::EagerResult;
using bolt::List;
using bolt::Map;
using bolt::Statement;
using bolt::Value;

/// Statements with what becomes of their answers, in their order.
struct Itinerary {
  std::vector<Statement> statements;
  std::vector<std::function<Result<void>(const EagerResult&)>> takers;

  void add(Statement statement, std::function<Result<void>(const EagerResult&)> take) {
    statements.push_back(std::move(statement));
    takers.push_back(std::move(take));
  }
};

List keys_of(const std::vector<graph::Key>& keys) {
  List texts;
  texts.reserve(keys.size());
  for (const graph::Key& key : keys)
    texts.emplace_back(key_text(key));
  return texts;
}

List kinds_of(const std::vector<graph::ElementKind>& kinds) {
  List numbers;
  numbers.reserve(kinds.size());
  for (const graph::ElementKind kind : kinds)
    numbers.emplace_back(std::int64_t{kind});
  return numbers;
}

void append(std::string& text, std::initializer_list<std::string_view> pieces) {
  for (const std::string_view piece : pieces)
    text += piece;
}

Error not_as_asked() {
  return {ErrorCode::corrupt, "the database answered something else than was asked"};
}

/// A node that was erased between being found and being read has no properties any more. Flights
/// are put to one revision afterwards, so that it counts as it should.
bool is_gone(const Value& key) {
  return key.is_null();
}

Result<graph::Key> key_in(const Value& value) {
  const std::string* text = value.get_if<std::string>();
  if (text == nullptr)
    return not_as_asked();
  return read_key_text(*text);
}

class Planner {
public:
  Planner(Flight& flight, const graph::Schema& schema) : flight_(flight), schema_(schema) {}

  void add_records(const std::vector<graph::Key>& keys) {
    if (keys.empty())
      return;
    flight_.asked.insert(keys.begin(), keys.end());
    route.add(
        {"CYPHER 5 UNWIND $keys AS k MATCH (n:DiffoRecord {key:k}) WHERE n.record IS NOT NULL "
         "RETURN n.key AS key, n.record AS record",
         Map{{"keys", keys_of(keys)}}},
        [this](const EagerResult& result) -> Result<void> {
          for (const bolt::Record& row : result.records)
            TRY(take_record(row["key"], row["record"]));
          return {};
        });
  }

  void add_referrers(const std::vector<graph::FetchPlan::Referrers>& asked) {
    if (asked.empty())
      return;
    List rows;
    std::int64_t most = 0;
    for (const graph::FetchPlan::Referrers& one : asked) {
      rows.emplace_back(Map{{"key", key_text(one.key)}, {"kinds", kinds_of(one.kinds)}});
      most = std::max<std::int64_t>(most, std::int64_t{one.most} + 1);
      flight_.referrers[one.key];
      flight_.asked_referrers.push_back(one);
    }
    route.add({"CYPHER 5 UNWIND $asked AS a MATCH (t:DiffoRecord {key:a.key}) CALL (t,a) { MATCH "
               "(t)<-[r:DIFFO_REFERS]-(n:DiffoRecord) WHERE size(a.kinds)=0 OR r.kind IN a.kinds "
               "RETURN r.kind AS kind, n LIMIT $most } RETURN a.key AS target, kind, n.key AS key, "
               "n.record AS record",
               Map{{"asked", std::move(rows)}, {"most", most}}},
              [this](const EagerResult& result) -> Result<void> {
                for (const bolt::Record& row : result.records) {
                  if (is_gone(row["key"]))
                    continue;
                  TRY(take_record(row["key"], row["record"]));
                  TRY(take_edge(row["target"], row["key"], row["kind"]));
                }
                return {};
              });
  }

  void add_walk(const graph::FetchPlan::Walk& walk) {
    std::string text = "CYPHER 5 MATCH (n:DiffoRecord) WHERE n.key IN $from WITH collect(n) AS l0 ";
    std::string all = "l0";
    std::string edges = "[]";
    std::string targets = "[]";
    Map parameters{{"from", keys_of(walk.from)}, {"most", std::int64_t{walk.most_records} + 1}};
    flight_.asked.insert(walk.from.begin(), walk.from.end());
    flight_.walks.push_back(walk);
    for (std::size_t hop = 0; hop < walk.hops.size(); ++hop) {
      const std::string number = std::to_string(hop);
      const std::string to = std::to_string(hop + 1);
      const bool inwards = walk.hops[hop].direction == graph::Direction::in;
      parameters.set("k" + number, kinds_of(walk.hops[hop].kinds));
      append(text, {"CALL (l", number, ") { UNWIND l", number, " AS a MATCH (a)",
                    inwards ? "<-[r:DIFFO_REFERS]-" : "-[r:DIFFO_REFERS]->",
                    "(b:DiffoRecord) WHERE size($k", number, ")=0 OR r.kind IN $k", number, " "});
      append(all, {"+l", to});
      if (!inwards) {
        append(text, {"WITH DISTINCT b LIMIT $most RETURN collect(b) AS l", to, " } "});
        continue;
      }
      append(text, {"WITH a, r, b LIMIT $most RETURN collect(DISTINCT b) AS l", to,
                    ", collect([a.key, b.key, r.kind]) AS e", number, " } "});
      append(edges, {"+e", number});
      append(targets, {"+[x IN l", number, " | x.key]"});
      if (hop == 0)
        for (const graph::Key& key : walk.from)
          flight_.referrers[key];
    }
    append(text, {"RETURN [n IN ", all, " | [n.key, n.record]] AS nodes, ", edges, " AS edges, ",
                  targets, " AS targets"});
    route.add({std::move(text), std::move(parameters)},
              [this](const EagerResult& result) { return take_walk(result); });
  }

  void add_claims(const std::vector<graph::ClaimName>& names) {
    if (names.empty())
      return;
    List ids;
    for (const graph::ClaimName& name : names) {
      ids.emplace_back(claim_text(name.scope, name.key));
      flight_.claims[name];
    }
    route.add({"CYPHER 5 UNWIND $ids AS id MATCH (c:DiffoClaim {id:id}) RETURN c.scope AS scope, "
               "c.key AS key, c.holder AS holder, c.branch AS branch, c.until AS until",
               Map{{"ids", std::move(ids)}}},
              [this](const EagerResult& result) -> Result<void> {
                for (const bolt::Record& row : result.records) {
                  if (is_gone(row["key"]))
                    continue;
                  graph::Claim claim = TRY(claim_of(row));
                  graph::ClaimName name{claim.scope, claim.key};
                  flight_.claims.insert_or_assign(std::move(name), std::move(claim));
                }
                return {};
              });
  }

  void add_pool(const std::string& scope, Pools& pools) {
    route.add(
        {"CYPHER 5 MATCH (c:DiffoClaim {scope:$scope}) RETURN c.scope AS scope, c.key AS key, "
         "c.holder AS holder, c.branch AS branch, c.until AS until",
         Map{{"scope", scope}}},
        [this, scope, &pools](const EagerResult& result) -> Result<void> {
          std::vector<graph::Claim> claims;
          claims.reserve(result.records.size());
          for (const bolt::Record& row : result.records)
            if (!is_gone(row["key"]))
              claims.push_back(TRY(claim_of(row)));
          pools.learn(scope, claims, flight_.since);
          return {};
        });
  }

  Result<void> add_query(const graph::Query& query, const std::vector<graph::ElementKind>& edges,
                         const Departure& from, const FlightLimits& limits) {
    const std::size_t place = flight_.queries.size();
    flight_.queries.push_back(
        {query,
         TRY(statements_of(query, schema_, from.queries_at, limits.most_candidates, from.changed,
                           from.choose, limits.lists)),
         {}});
    for (const Statement& statement : flight_.queries.back().asked.statements)
      route.add(statement, [this, place](const EagerResult& result) -> Result<void> {
        flight_.queries[place].answers.push_back(result);
        return {};
      });
    std::optional<Statement> targets =
        std::exchange(flight_.queries.back().asked.targets, std::nullopt);
    if (!edges.empty() && targets) {
      targets->parameters.set("edges", kinds_of(edges));
      route.add(*std::move(targets), [this](const EagerResult& result) -> Result<void> {
        for (const bolt::Record& row : result.records)
          TRY(take_record(row["key"], row["record"]));
        return {};
      });
    }
    return {};
  }

  Itinerary route;

private:
  Result<void> take_record(const Value& key_value, const Value& bytes) {
    if (is_gone(key_value))
      return {};
    graph::Key key = TRY(key_in(key_value));
    if (!bytes.is_null()) {
      graph::RecordRef record = TRY(record_of(bytes, schema_.dictionary()));
      flight_.records.insert_or_assign(key, std::move(record));
    }
    flight_.asked.insert(std::move(key));
    return {};
  }

  Result<void> take_edge(const Value& target, const Value& from, const Value& kind) {
    const std::int64_t* number = kind.get_if<std::int64_t>();
    if (number == nullptr)
      return not_as_asked();
    auto& all = flight_.referrers[TRY(key_in(target))];
    Flight::Referrer referrer{TRY(key_in(from)), static_cast<graph::ElementKind>(*number)};
    const bool is_new = std::none_of(all.begin(), all.end(), [&](const Flight::Referrer& one) {
      return one.edge == referrer.edge && one.key == referrer.key;
    });
    if (is_new)
      all.push_back(std::move(referrer));
    return {};
  }

  Result<void> take_walk(const EagerResult& result) {
    for (const bolt::Record& row : result.records) {
      const List* nodes = row["nodes"].get_if<List>();
      const List* edges = row["edges"].get_if<List>();
      const List* targets = row["targets"].get_if<List>();
      if (nodes == nullptr || edges == nullptr || targets == nullptr)
        return not_as_asked();
      for (const Value& node : *nodes) {
        const List* pair = node.get_if<List>();
        if (pair == nullptr || pair->size() != 2)
          return not_as_asked();
        TRY(take_record((*pair)[0], (*pair)[1]));
      }
      for (const Value& target : *targets)
        if (!is_gone(target))
          flight_.referrers[TRY(key_in(target))];
      for (const Value& edge : *edges) {
        const List* parts = edge.get_if<List>();
        if (parts == nullptr || parts->size() != 3)
          return not_as_asked();
        if (is_gone((*parts)[0]) || is_gone((*parts)[1]))
          continue;
        TRY(take_edge((*parts)[0], (*parts)[1], (*parts)[2]));
      }
    }
    return {};
  }

  Flight& flight_;
  const graph::Schema& schema_;
};

} // namespace

Result<graph::RecordRef> record_of(const Value& bytes, const graph::Dictionary& dictionary) {
  const bolt::Bytes* stored = bytes.get_if<bolt::Bytes>();
  if (stored == nullptr)
    return not_as_asked();
  return graph::load({reinterpret_cast<const char*>(stored->data()), stored->size()}, dictionary);
}

Result<graph::Claim> claim_of(const bolt::Record& row) {
  graph::Claim claim;
  for (const auto& [name, into] : {std::pair{"scope", &claim.scope},
                                   {"key", &claim.key},
                                   {"holder", &claim.holder},
                                   {"branch", &claim.branch}}) {
    const std::string* text = row[name].get_if<std::string>();
    if (text == nullptr)
      return not_as_asked();
    *into = *text;
  }
  if (const std::int64_t* until = row["until"].get_if<std::int64_t>())
    claim.lease_until = *until;
  return claim;
}

Result<Flight> fly(Database& database, const graph::FetchPlan& plan, const Departure& from,
                   Pools& pools, const FlightLimits& limits) {
  Flight flight;
  flight.since = from.since;
  flight.queries_at = from.queries_at;
  Planner planner(flight, from.schema);
  planner.add_records(plan.records);
  planner.add_referrers(plan.referrers);
  for (const graph::FetchPlan::Walk& walk : plan.walks)
    planner.add_walk(walk);
  for (const graph::Query& query : plan.queries)
    TRY(planner.add_query(query, plan.page_edges, from, limits));
  planner.add_claims(plan.claims);
  for (const std::string& scope : pools.unknown(plan.free))
    planner.add_pool(scope, pools);
  const std::vector<EagerResult> results = TRY(database.read(planner.route.statements));
  for (std::size_t index = 0; index < results.size(); ++index)
    TRY(planner.route.takers[index](results[index]));
  return flight;
}

} // namespace diffo::neo4j
