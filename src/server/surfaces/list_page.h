#pragma once

#include "graph/query.h"
#include "graph/store.h"
#include "query/list_parameters.h"
#include "query/page_headers.h"
#include "server/call.h"

#include <diffo/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Which page of a list a request asks for, and what the answer says of it (wire.md §3 Lists).
namespace diffo::server {

class ListPage {
public:
  /// Reads cursors, or `Range: items=10-19` (TMF630 Part 1), and lets the query ask for that page.
  /// Errors, each with the parameter or header as path: invalid for cursors that no link gave, that
  /// belong to another query, or whose revision is behind the retention; invalid for ranges of
  /// items that cannot be read, or that stand beside parameters that say which page.
  /// `collection`: a name that no other list has.
  static Result<ListPage> of(const http::Request& request, std::string_view collection,
                             const query::Paging& paging, const graph::Store& store,
                             graph::Query& query);

  /// Whether a range was asked for in which nothing is: 416.
  [[nodiscard]] bool is_unsatisfiable(const graph::Page& page) const {
    return by_range_ && page.records.empty();
  }
  /// What came of a page.
  struct Written {
    std::uint64_t count = 0; ///< of its records in the body: the last where it was read backward
    bool others_end_early = false; ///< a page of records of this size may
  };
  /// `query` as it was asked, of the newest or of an older revision, which is `revision`.
  [[nodiscard]] query::PageHeaders headers(const http::Request& request, const std::string& url,
                                           const graph::Query& query, const graph::Page& page,
                                           Written written, graph::Sequence revision,
                                           const graph::Dictionary& dictionary) const;

private:
  Result<void> take_range(const http::Request& request, const query::Paging& paging,
                          graph::Query& query);
  Result<void> take_cursor(const query::Paging& paging, const graph::Store& store,
                           graph::Query& query);
  bool by_cursor_ = false;
  bool by_range_ = false;
  std::string collection_;
  std::string binding_; ///< of cursors
};

} // namespace diffo::server
