#pragma once

#include "graph/filter.h"
#include "graph/sort_key.h"

#include <optional>
#include <string>
#include <vector>

namespace diffo::graph {

/// Where a page begins: behind the record that had these sort keys when the page before was read.
/// It need not be there any more. A plain value.
struct Cursor {
  Sequence revision = 0;                        ///< of the page before
  std::vector<std::optional<std::string>> keys; ///< one for each sort key
  std::int64_t created_at = 0;                  ///< decides between equal keys
  Key key;                                      ///< decides between equal times
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// What to find: actual or expected records of a tenant for which the filter holds. Without sort
/// keys they come in the order of creation, which also decides between equals, ascending always. A
/// plain value.
struct Query {
  Tenant tenant = 0;
  std::vector<Family> families; ///< none: all
  Which which = Which::actual;
  Filter filter;
  std::vector<SortKey> order;
  std::uint64_t offset = 0; ///< from the beginning, or from behind the cursor
  std::optional<Cursor> after;
  std::uint64_t limit = 1000;
  std::uint64_t most_visited = 0; ///< keys and records; more is too_large. 0: as the store allows
  bool count = true;              ///< else Page::total may be anything, and a page may cost less
  friend bool operator==(const Query&, const Query&) = default;
};

/// One page of what a query finds.
struct Page {
  std::vector<RecordRef> records;
  std::uint64_t total = 0;    ///< all matches, exact, wherever the page begins
  std::optional<Cursor> next; ///< where the next page begins; nothing: this was the last
};

} // namespace diffo::graph
