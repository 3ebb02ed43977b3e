#pragma once

#include "graph/query.h"
#include "tmf/list_query.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::tmf {

/// One page of a list, as its headers tell it.
struct PageExtent {
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;  ///< as it was applied
  std::uint64_t total = 0;  ///< all matches
  std::uint64_t result = 0; ///< in this body
};

/// What a list answer says besides its body (tmf.md §2.5).
struct PageAnswer {
  int status = 200; ///< 200 when the body holds all that match, else 206
  /// X-Total-Count, X-Result-Count, and Link (RFC 8288) when the body is partial.
  std::vector<std::pair<std::string, std::string>> headers;
};

inline constexpr std::size_t max_link_bytes = 4096;

/// The status and headers of a page. `collection_url` is the URL without query; `raw_query` the
/// query as it came, of which all but `offset` and `limit` is kept in the links. Links are `self`,
/// `first`, `prev`, `next` and `last`, those that lead somewhere; there are none when the body
/// holds all, or when they would be longer than max_link_bytes.
PageAnswer page_headers(const PageExtent& page, std::string_view collection_url,
                        std::string_view raw_query);
PageAnswer page_headers(const ListQuery& query, const graph::Page& page,
                        std::string_view collection_url, std::string_view raw_query);

} // namespace diffo::tmf
