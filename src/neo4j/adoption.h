#pragma once

#include "graph/store.h"
#include "neo4j/connection.h"

#include <diffo/result.h>

#include <cstdint>
#include <map>
#include <string>

/// Taking into the inventory what others wrote into the shared graph of the same database.
namespace diffo::neo4j {

/// So many roots, by the names of their families.
using RootCounts = std::map<std::string, std::uint64_t>;

struct Adoption {
  RootCounts adopted;     ///< came from others, and have a record now
  RootCounts changed;     ///< had a record, which is now as others left them
  std::uint64_t left = 0; ///< stayed as they were; the sink was told why
};

/// Makes records of the roots that others wrote, some hundred a commit; their nodes become ours
/// and stay as they are. Then holds our own against their records: what others changed goes into
/// the record where that says nothing that the shared graph has no place for. What cannot be taken,
/// and what others deleted, goes to the sink with the reason, and to nobody else: the inventory
/// keeps its record. May be repeated. Whatever others write meanwhile is found the next time, but
/// for a change in the moment between reading a root of ours and writing it. Reads the whole shared
/// graph, in pieces. Thread rule: a thread that may wait. Errors: those of the store and of the
/// database; what was committed before stays.
Result<Adoption> adopt(Database& database, graph::Store& store, graph::Context context,
                       const graph::FindingSink& sink);

} // namespace diffo::neo4j
