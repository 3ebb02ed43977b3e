#pragma once

#include "graph/filter.h"
#include "graph/sort_key.h"

#include <optional>
#include <string>
#include <vector>

namespace diffo::graph {

/// Where a page begins or ends: behind or in front of the record that had these sort keys when it
/// was read. It need not be there any more. A plain value.
struct Cursor {
  Sequence revision = 0;                        ///< at which it was read
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
  /// The page that ends in front of `before` or, without it, at the end; then there is neither
  /// `after` nor an offset.
  bool backward = false;
  std::optional<Cursor> before;
  std::uint64_t limit = 1000;
  std::uint64_t most_visited = 0; ///< keys and records; more is too_large. 0: as the store allows
  bool count = true;              ///< else Page::total may be anything, and a page may cost less
  friend bool operator==(const Query&, const Query&) = default;
};

/// One page of what a query finds.
struct Page {
  std::vector<RecordRef> records;
  std::uint64_t total = 0;    ///< all matches, exact, wherever the page begins
  std::uint64_t begin = 0;    ///< how many of them come before the page; of limit 0: the offset
  std::optional<Cursor> next; ///< where the next page begins; nothing: this was the last
};

/// The cursor at a record of a revision, for the order of the query.
Cursor cursor_at(const Query& query, Sequence revision, const Record& record,
                 const Dictionary& dictionary);

} // namespace diffo::graph
