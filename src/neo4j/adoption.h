#pragma once

#include "graph/store.h"
#include "neo4j/connection.h"

#include <diffo/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// Taking into the inventory what others wrote into the shared graph of the same database.
namespace diffo::neo4j {

/// So many roots, by the names of their families.
using RootCounts = std::map<std::string, std::uint64_t>;

struct Adoption {
  RootCounts adopted;     ///< came from others, and have a record now
  RootCounts changed;     ///< had a record, which now has what others changed
  RootCounts erased;      ///< had a record, and others deleted them
  std::uint64_t left = 0; ///< stayed as they were; the sink was told why
};

/// What adopting needs and does. The references outlive it.
struct AdoptionCall {
  Database& database;
  graph::Store& store;
  /// Of each commit anew, for it reads the clock.
  std::function<graph::Context()> context;
  Adoption& adoption;
  const graph::FindingSink& sink;
};

/// Makes records of the roots that others wrote, some hundred a commit; their nodes become ours
/// and stay as they are. Then holds our own against their nodes: what others changed since goes
/// into the record, leaf by leaf, and what the shared graph has no place for stays as it is. What
/// others deleted is erased where the record says nothing that is not there, and where it is not
/// very much at once (all_erasures: however much). What cannot be taken goes to the sink with the
/// reason, and to nobody else: the inventory keeps its record. May be repeated. Whatever others
/// write meanwhile is found the next time. Reads the whole shared graph, in pieces. Thread rule: a
/// thread that may wait. Errors: those of the store and of the database; what was committed before
/// stays.
Result<void> adopt(const AdoptionCall& call, bool all_erasures = false);

/// Makes records of all roots that are nobody's of ours.
Result<void> adopt_all_roots(const AdoptionCall& call);

/// Makes records of the roots that have these keys under a shared label and are nobody's of ours.
Result<void> adopt_roots(const AdoptionCall& call, const std::string& label,
                         const std::vector<std::string>& keys);

} // namespace diffo::neo4j
