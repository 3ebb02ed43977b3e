#pragma once

#include "graph/fetch_plan.h"
#include "graph/schema.h"
#include "neo4j/connection.h"
#include "neo4j/layout.h"
#include "neo4j/paging.h"
#include "neo4j/pools.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace diffo::neo4j {

/// What one flight brought of what a plan states, as the database had it while the flight was under
/// way: nothing older than `since`, maybe newer. A plain value.
struct Flight {
  /// One that refers to a root, and over which kind of edge.
  struct Referrer {
    graph::Key key;
    graph::ElementKind edge = 0;
  };
  /// A query of the plan with what it came to.
  struct Answered {
    graph::Query query;
    QueryStatements asked;
    std::vector<bolt::EagerResult> answers;
  };

  graph::Sequence since = 0;      ///< the newest published commit when it began
  graph::Sequence queries_at = 0; ///< the revision that queries were asked for
  std::map<graph::Key, graph::RecordRef, std::less<>> records;
  std::set<graph::Key, std::less<>> asked; ///< also those that were not there
  std::map<graph::Key, std::vector<Referrer>, std::less<>> referrers; ///< of roots asked about
  std::vector<Answered> queries;
  std::vector<graph::FetchPlan::Walk> walks;                ///< that were flown
  std::vector<graph::FetchPlan::Referrers> asked_referrers; ///< likewise
  std::map<graph::ClaimName, std::optional<graph::Claim>> claims;
};

/// How much of the database one flight may bring.
struct FlightLimits {
  std::size_t most_candidates = 50'000; ///< of one query that Cypher cannot say exactly
  ListIndexes lists{};                  ///< that have words
};

/// From where a flight starts.
struct Departure {
  graph::Sequence since = 0;      ///< the newest published commit
  graph::Sequence queries_at = 0; ///< that commit, or an earlier one that is read
  const graph::Schema& schema;
  Images changed; ///< at the revision of queries, of what was changed since or is on its way
  Choose choose = Choose::database;
};

/// Flies: one transaction, one flight. Pools that the plan asks about and that are not known yet
/// come with it. Errors: those of the database and of the queries; corrupt.
Result<Flight> fly(Database& database, const graph::FetchPlan& plan, const Departure& from,
                   Pools& pools, const FlightLimits& limits);

/// A record from the bytes of a property. Errors: corrupt.
Result<graph::RecordRef> record_of(const bolt::Value& bytes, const graph::Dictionary& dictionary);
/// A claim from a row with its properties. Errors: corrupt.
Result<graph::Claim> claim_of(const bolt::Record& row);

} // namespace diffo::neo4j
