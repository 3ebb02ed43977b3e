#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diffo::query {

/// The pages in front of one and behind it, as values of `before` and `after`; empty: there is
/// none.
struct PageNeighbours {
  std::string before;
  std::string after;
};

/// One page of a list, as its headers tell it.
struct PageExtent {
  std::uint64_t offset = 0; ///< how many matches come before it
  std::uint64_t limit = 0;  ///< as it was applied
  std::uint64_t total = 0;  ///< all matches
  std::uint64_t result = 0; ///< in this body
  /// Of a page that was asked for by a cursor: so are those that the links lead to.
  std::optional<PageNeighbours> by_cursor{};
  /// Of a page by offset where pages may end early: the value of `before` that leads to what stands
  /// in front of it. How many that will be nobody knows, so that no offset does.
  std::string before{};
};

/// What a list answer says about itself besides the body (tmf.md §2.5).
struct PageHeaders {
  int status = 200;         ///< 200 when the body holds all, else 206
  std::string total_count;  ///< X-Total-Count
  std::string result_count; ///< X-Result-Count
  std::string link;         ///< Link (RFC 8288); empty: leave it out
  /// Content-Range of a partial page (TMF630: `items 10-19/100`); empty: leave it out.
  std::string content_range;
};

inline constexpr std::size_t max_link_bytes = 4096;

/// The headers of a page. `collection_url` is the URL without query; `raw_query` the query as it
/// came, of which all but the page asked for is kept in the links. Links are `self`, `first`,
/// `prev`, `next` and `last`, those that lead somewhere; there are none when the body holds all, or
/// when they would be longer than max_link_bytes.
PageHeaders page_headers(std::string_view collection_url, std::string_view raw_query,
                         const PageExtent& page);

} // namespace diffo::query
