#pragma once

#include "base/text_hash.h"
#include "graph/subgraph.h"
#include "tmf/emit.h"

#include <map>
#include <memory>
#include <vector>

namespace diffo::server {

/// The kinds of edges that may lead to what LinkTargets finds: with them it can be announced before
/// the documents are there.
std::vector<graph::ElementKind> linking_edges(const graph::Schema& schema);

/// The records that references of documents lead to and that a collection here may show: parties,
/// places, specifications. Thread rule: one thread.
class LinkTargets {
public:
  /// Adds those of a record, each once however many refer to it.
  void add(const graph::Record& record, const graph::Schema& schema);
  /// What finding them reads.
  [[nodiscard]] const graph::FetchPlan& plan() const { return plan_; }
  /// Those that are there; a null pointer for none. The plan has been announced.
  [[nodiscard]] std::shared_ptr<const tmf::Referenced> found_in(graph::Subgraph& subgraph) const;

private:
  graph::FetchPlan plan_;
  std::map<graph::Family, TextSet> seen_;
};

} // namespace diffo::server
