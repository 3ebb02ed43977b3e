#pragma once

#include "graph/filter.h"
#include "graph/schema.h"

#include <memory>

namespace diffo::graph {

/// A filter ready to be asked of many packed records. Thread rule: immutable, any thread; the
/// schema must outlive it.
class CompiledFilter {
public:
  /// Errors: invalid for an index that does not exist and for an operand that is no scalar; invalid
  /// or too_large for a pattern; unsupported for a residual without its function and for edges that
  /// lead here.
  static Result<CompiledFilter> compile(const Filter& filter, const Schema& schema);

  [[nodiscard]] bool holds(const Record& record) const;
  /// The same asked of a part or an edge of the record.
  [[nodiscard]] bool holds(const Record& record, const ElementView& element) const;

  class Node;

private:
  CompiledFilter(std::shared_ptr<const Node> root, const Schema& schema)
      : root_(std::move(root)), schema_(&schema) {}
  // Shared: a filter is copied with the query it belongs to.
  std::shared_ptr<const Node> root_;
  const Schema* schema_;
};

} // namespace diffo::graph
