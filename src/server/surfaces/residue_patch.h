#pragma once

#include "loop/evaluate.h"
#include "server/surfaces/residue_rows.h"

#include <diffo/json.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {

/// The operations, each behind a test of what it changes: of what stands there, else of what it is
/// put into; of the document itself only which one it is. Errors: those of applying them.
Result<json::Array> tested(json::Value document, const json::Value& operations);

/// Whether there are documents of this kind for others to change.
bool is_changeable(outstanding::Profile profile);

/// The document as an expectation compares it, without the addresses that the server sets.
Result<json::Value> changeable_document(const graph::Record& record, outstanding::Profile profile,
                                        graph::Subgraph& subgraph);

/// The document with what the expectation wants at these addresses, and in no other place. Errors:
/// those of evaluating and of loop::closing().
Result<json::Value> with_closed(const outstanding::Expectation& expectation,
                                const std::set<std::string>& addresses, json::Value document,
                                Timestamp now, const graph::Schema& schema);

/// What stands outstanding as changes (wire.md §7.1): for each document one JSON Patch that closes
/// exactly the leaves in it that one change closes and that nobody has approved or overruled, every
/// operation behind a test. What stands in other documents than the target is not among them.
/// Thread rule: one thread; what it was made of must outlive it.
class ResiduePatches {
public:
  ResiduePatches(ResidueRows& rows, graph::Subgraph& subgraph, const loop::EvaluateOptions& options)
      : rows_(rows), subgraph_(subgraph), options_(options) {}

  /// Errors: those of rendering the document.
  Result<void> add(const loop::Residue& residue);
  /// `{target, version, ops}` for each document that has something to close.
  Result<json::Array> finish(const std::string& origin);

private:
  struct Document {
    const loop::Residue* residue = nullptr; ///< one of those at the target
    json::Value before;
    json::Value after;
  };

  ResidueRows& rows_;
  graph::Subgraph& subgraph_;
  const loop::EvaluateOptions& options_;
  std::vector<Document> documents_; ///< in the order of the residues
  std::map<std::pair<graph::Key, outstanding::Profile>, std::size_t> places_; ///< in documents_
};

} // namespace diffo::server
