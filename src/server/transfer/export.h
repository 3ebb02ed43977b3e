#pragma once

#include "graph/store.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {

/// All instances of one revision as NDJSON of lossless TMF documents (v5), actual ones first, then
/// expected ones, then what has been assigned, each in the order of creation (wire.md §6.2). The
/// revision is the newest when the first lines are made; what is written later does not show. Pages
/// go by cursor, so that an export costs a step for each record. Thread rule: one thread at a time,
/// which may wait.
class Exporter {
public:
  /// The store outlives the exporter.
  Exporter(graph::Store& store, graph::Tenant tenant, Cancellation cancellation = {})
      : store_(store), tenant_(tenant), cancellation_(std::move(cancellation)) {}

  /// Appends the next lines, some ten kilobytes or one record; false when there is nothing more.
  /// Errors: those of Store::read(); unavailable when it was cancelled.
  Result<bool> next(std::string& out);

private:
  Result<graph::Page> read(graph::Query query);
  Result<bool> take_page();
  Result<void> write_line(const graph::Record& record, std::string& out);

  graph::Store& store_;
  graph::Tenant tenant_;
  Cancellation cancellation_;
  /// What was read last: while there is one of it, the store keeps the revision.
  std::optional<graph::Subgraph> pinned_;
  enum class Part : std::uint8_t { actual, expected, assignments };
  Part part_ = Part::actual;
  std::optional<graph::Cursor> after_; ///< where the next page begins
  bool ended_ = false;                 ///< nothing is left of this kind
  std::vector<graph::RecordRef> page_;
  std::size_t next_ = 0; ///< the first of the page that is not written yet
};

} // namespace diffo::server
