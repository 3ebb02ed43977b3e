#pragma once

#include "graph/query.h"
#include "graph/schema.h"
#include "neo4j/layout.h"

#include <diffo/bolt.h>

#include <string>
#include <string_view>
#include <vector>

namespace diffo::neo4j {

/// What the database can tell of a query: Cypher that finds nodes `n`, each a DiffoRecord, and a
/// condition to stand behind WHERE, where null is false. A plain value.
struct Narrowing {
  /// MATCH with a pattern, or several of them united.
  std::string source;
  std::string condition;
  bolt::Map parameters;
  /// It finds just those for which the filter holds, else others too.
  bool exact = true;
  /// The source may find a node several times.
  bool repeats = false;
  /// Properties of `n` that the condition leaves one value: first in ORDER BY they change nothing,
  /// and let an index of them and of the times give the order of creation.
  std::vector<std::string> fixed{};
};

/// How to find what a query asks for: its tenant, families and side (n.scope), and of its filter
/// what ids, indexes and relationships tell. Values are parameters, whose names begin with
/// `prefix`. Where a condition, or each of its alternatives, tells of few records, the source finds
/// those: by what they refer to, by an index, or by words, which keys of `lists` have. A pure
/// function.
Narrowing narrow(const graph::Query& query, const graph::Schema& schema, std::string_view prefix,
                 const ListIndexes& lists = {});

/// The families a query asks for, also when it names none.
std::vector<graph::Family> families_of(const graph::Query& query, const graph::Schema& schema);

} // namespace diffo::neo4j
