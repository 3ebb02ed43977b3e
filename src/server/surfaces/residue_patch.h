#pragma once

#include "loop/evaluate.h"
#include "server/surfaces/residue_rows.h"

#include <diffo/json.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {

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
