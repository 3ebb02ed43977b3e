#pragma once

#include "graph/revision.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace diffo::server {

/// All instances of one revision as NDJSON of lossless TMF documents (v5), actual ones first, then
/// expected ones, each in the order of creation (wire.md §6.2). What is written meanwhile does not
/// show. Pages go by cursor, so that an export costs a step for each record. Thread rule: one
/// thread at a time.
class Exporter {
public:
  Exporter(std::shared_ptr<const graph::Revision> revision, graph::Tenant tenant)
      : revision_(std::move(revision)), tenant_(tenant) {}

  /// Appends the next lines, some ten kilobytes or one record; false when there is nothing more.
  Result<bool> next(std::string& out);

private:
  Result<bool> take_page();

  // Shared: the export pins its revision while the store goes on.
  std::shared_ptr<const graph::Revision> revision_;
  graph::Tenant tenant_;
  graph::Which which_ = graph::Which::actual;
  std::optional<graph::Cursor> after_; ///< where the next page begins
  bool ended_ = false;                 ///< nothing is left of this kind
  std::vector<graph::RecordRef> page_;
  std::size_t next_ = 0; ///< the first of the page that is not written yet
};

} // namespace diffo::server
