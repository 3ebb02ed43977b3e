#pragma once

#include "graph/store.h"
#include "graph/subgraph.h"
#include "loop/expectation_document.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Evaluation of a stored expectation over the graph, at one revision (wire.md §7).
namespace diffo::loop {

/// What is outstanding of one thing the expectation is about.
struct TargetResidue {
  std::string family; ///< "service" or "resource"; empty when there is no such thing
  std::string id;     ///< empty for something that is named by its kind and key and does not exist
  graph::Sequence sequence = 0; ///< of the record compared; 0: it does not exist
  outstanding::Evaluation evaluation;
  graph::Footprint footprint; ///< what was read for it; empty without a recorder
};

struct ExpectationResidue {
  bool in_force = true; ///< false: outside validFor, nothing was compared
  std::vector<TargetResidue> targets;
  std::optional<Timestamp> next_flip; ///< when some leaf changes by the clock alone
  /// All that was read, also to find the targets; empty without a recorder.
  graph::Footprint footprint;

  [[nodiscard]] bool outstanding() const;
};

/// Earlier versions of a record, for "since when": the version that was replaced by `sequence`, or
/// nothing.
struct EarlierVersion {
  graph::RecordRef record; ///< empty: it did not exist
  std::int64_t until = 0;  ///< when it was replaced, microseconds since 1970
};
using History = std::function<std::optional<EarlierVersion>(const graph::KeyView& key,
                                                            graph::Sequence sequence)>;

/// Who wrote a version of a record.
using Writer = std::function<std::string(graph::Sequence sequence)>;

/// When sources saw a record last, whatever they saw of it.
using Sightings = std::function<std::vector<graph::Sighting>(const graph::KeyView& key)>;
/// Those that a store has noted, which must outlive it; what cannot be read counts as not seen.
Sightings sightings_in(const graph::Store& store);

/// When nobody looked, for the program was not there. What was known at its end is known for one
/// period again from its return on.
struct Downtime {
  std::int64_t from = 0; ///< microseconds since 1970
  std::int64_t until = 0;
};

struct EvaluateOptions {
  graph::Tenant tenant = 0;
  Timestamp now;
  outstanding::Explain explain = outstanding::Explain::no;
  std::string declared_by;      ///< the stored expectation's id or name
  std::int64_t declared_at = 0; ///< microseconds since 1970; nothing is outstanding since before
  History history;              ///< without it "since" is unknown
  Sightings sightings;          ///< without it nobody has seen anything
  Downtime down{};
  Writer writer; ///< without it the source of an actual is unknown
  std::size_t most_targets = 10'000;
};

/// Errors: invalid for a filter that cannot be read, too_large for more targets or steps than are
/// allowed, and what the expectation itself fails with.
Result<ExpectationResidue> evaluate(const ExpectationDocument& expectation,
                                    graph::Subgraph& subgraph, const EvaluateOptions& options);

struct Target;
/// Of one target alone, whether or not the expectation is about it; nothing is compared outside of
/// validFor.
Result<TargetResidue> evaluate_target(const ExpectationDocument& expectation, const Target& target,
                                      graph::Subgraph& subgraph, const EvaluateOptions& options);

/// Whether an expectation is in force at that time, and when that changes next.
struct InForce {
  bool now = true;
  std::optional<Timestamp> until;
};
InForce in_force(const ExpectationDocument& expectation, Timestamp now);

/// The same against a document at hand instead of the expectation's target; null pointer: it does
/// not exist.
Result<ExpectationResidue> evaluate_document(const ExpectationDocument& expectation,
                                             const json::Value* actual, graph::Subgraph& subgraph,
                                             const EvaluateOptions& options);

/// A record as the document an expectation of that profile compares with.
Result<json::Value> document_of(const graph::Record& record, outstanding::Profile profile,
                                graph::Subgraph& subgraph);

} // namespace diffo::loop
