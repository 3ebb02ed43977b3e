#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace diffo::query {

/// One page of a list, as its headers tell it.
struct PageExtent {
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;  ///< as it was applied
  std::uint64_t total = 0;  ///< all matches
  std::uint64_t result = 0; ///< in this body
};

/// What a list answer says about itself besides the body (tmf.md §2.5).
struct PageHeaders {
  int status = 200;         ///< 200 when the body holds all, else 206
  std::string total_count;  ///< X-Total-Count
  std::string result_count; ///< X-Result-Count
  std::string link;         ///< Link (RFC 8288); empty: leave it out
};

inline constexpr std::size_t max_link_bytes = 4096;

/// The headers of a page. `collection_url` is the URL without query; `raw_query` the query as it
/// came, of which all but `offset` and `limit` is kept in the links. Links are `self`, `first`,
/// `prev`, `next` and `last`, those that lead somewhere; there are none when the body holds all, or
/// when they would be longer than max_link_bytes.
PageHeaders page_headers(std::string_view collection_url, std::string_view raw_query,
                         const PageExtent& page);

} // namespace diffo::query
