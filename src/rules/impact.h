#pragma once

#include "rules/inherit.h"
#include "rules/pools.h"

#include <diffo/json.h>

#include <cstdint>
#include <string>
#include <vector>

/// Where a value comes from, and whom it reaches.
namespace diffo::rules {

/// An instance that shows something of another, and what. A plain value.
struct Affected {
  graph::Key key{};
  std::string kind{};
  std::string name{}; ///< the inherited value or calculation
};

/// What a change of an instance would touch. A plain value.
struct Impact {
  std::vector<Affected> inherits{};
  std::vector<graph::Key> referrers{}; ///< instances with relationships to it
  std::vector<Assigned> handed_out{};
  std::vector<graph::Key> expectations{};
  bool cut = false; ///< there are more
};

/// Walks the chains of all kinds backwards from the instance, from each place in them. Errors:
/// too_large.
Result<Impact> impact_of(graph::Subgraph& subgraph, const graph::Key& instance, std::int64_t now);

/// How an instance comes to a value. A plain value.
struct Provenance {
  json::Value value{};
  /// record, default, kind, pool, inherited, calculated, absent
  std::string from{};
  std::string rule{}; ///< what declares it: `Card.ports`, `Path.shelf via card, shelf`
  std::vector<Step> steps{};
  std::vector<InheritedValue> values{}; ///< of what is inherited, with what is unknown and why
  std::string why{};                    ///< why there is none
};

/// Of `name`, `card.family`, or of something inherited or calculated. Errors: invalid for an empty
/// path; those of inherit() and calculate().
Result<Provenance> provenance_of(graph::Subgraph& subgraph, const graph::Record& record,
                                 const std::string& path, std::int64_t now);

} // namespace diffo::rules
