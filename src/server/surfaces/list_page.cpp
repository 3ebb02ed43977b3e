#include "server/surfaces/list_page.h"

#include "query/page_cursor.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

namespace diffo::server {
namespace {

constexpr std::string_view range_unit = "items=";

/// `10-19`, `10-` or `-5`.
struct ItemRange {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;

  static std::optional<ItemRange> parse(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || text.size() == 1)
      return std::nullopt;
    ItemRange range;
    const auto take = [](std::string_view digits, std::optional<std::uint64_t>& number) {
      if (digits.empty())
        return true;
      const auto [end, problem] =
          std::from_chars(digits.data(), digits.data() + digits.size(), number.emplace());
      if (problem == std::errc::result_out_of_range)
        number = std::numeric_limits<std::uint64_t>::max(); // beyond every list
      return problem != std::errc::invalid_argument && end == digits.data() + digits.size();
    };
    if (!take(text.substr(0, dash), range.first) || !take(text.substr(dash + 1), range.last) ||
        (range.first && range.last && *range.last < *range.first))
      return std::nullopt;
    return range;
  }
};

} // namespace

Result<ListPage> ListPage::of(const http::Request& request, std::string_view collection,
                              const query::Paging& paging, const graph::Store& store,
                              graph::Query& query) {
  ListPage page;
  page.collection_ = collection;
  if (paging.by_cursor())
    page.binding_ = query::cursor_binding(collection, request.query);
  TRY(page.take_range(request, paging, query));
  TRY(page.take_cursor(paging, store, query));
  return page;
}

/// Ranges of other units are not ours to understand (RFC 9110 §14.2).
Result<void> ListPage::take_range(const http::Request& request, const query::Paging& paging,
                                  graph::Query& query) {
  const std::string header = request.joined_header("Range");
  if (!http::same_header_name(std::string_view(header).substr(0, range_unit.size()), range_unit))
    return {};
  // Which version he has is not known before the page is read; all is always a good answer to
  // If-Range (RFC 9110 §13.1.5).
  if (request.has_header("If-Range"))
    return {};
  const auto refused = [](std::string message) {
    return Error{ErrorCode::invalid, std::move(message), "Range"};
  };
  if (paging.is_given())
    return refused("cannot stand beside offset, limit and cursors");
  const auto range = ItemRange::parse(std::string_view(header).substr(range_unit.size()));
  if (!range)
    return refused("must be one range such as items=10-19, items=10- or items=-5");
  by_range_ = true;
  if (!range->first) {
    query.backward = true;
    query.limit = std::min(*range->last, query::max_page);
    return {};
  }
  constexpr std::uint64_t furthest = std::uint64_t{1} << 62U;
  query.offset = std::min(*range->first, furthest);
  if (range->last)
    query.limit = std::min(*range->last - *range->first, query::max_page - 1) + 1;
  return {};
}

Result<void> ListPage::take_cursor(const query::Paging& paging, const graph::Store& store,
                                   graph::Query& query) {
  by_cursor_ = paging.by_cursor();
  query.backward = query.backward || paging.before.has_value();
  const auto read = [&](const std::optional<std::string>& text, const char* name,
                        std::optional<graph::Cursor>& cursor) -> Result<void> {
    if (!text || text->empty())
      return {};
    const auto refused = [name](std::string message) {
      return Error{ErrorCode::invalid, std::move(message), name};
    };
    auto given = query::read_cursor(*text, binding_);
    if (!given)
      return refused(std::move(given).error().message);
    if (given->keys.size() != query.order.size() || given->revision > store.statistics().sequence)
      return refused("is no cursor that a link of this server gave");
    if (given->revision + 1 < store.oldest_entry())
      return refused("has expired: what it was read from is older than what is kept. Begin anew "
                     "with an empty " +
                     std::string(name));
    cursor = std::move(given).value();
    return {};
  };
  TRY(read(paging.after, "after", query.after));
  TRY(read(paging.before, "before", query.before));
  return {};
}

query::PageHeaders ListPage::headers(const http::Request& request, const std::string& url,
                                     const graph::Query& query, const graph::Page& page,
                                     Written written, graph::Sequence revision,
                                     const graph::Dictionary& dictionary) const {
  const std::uint64_t count = written.count;
  const std::size_t skipped = query.backward ? page.records.size() - count : 0;
  query::PageExtent extent{
      .offset = page.begin + skipped, .limit = query.limit, .total = page.total, .result = count};
  const auto at = [&](const graph::RecordRef& record) {
    return query::print_cursor(graph::cursor_at(query, revision, *record, dictionary),
                               by_cursor_ ? binding_
                                          : query::cursor_binding(collection_, request.query));
  };
  if (by_cursor_) {
    extent.by_cursor.emplace();
    if (count > 0 && extent.offset > 0)
      extent.by_cursor->before = at(page.records[skipped]);
    if (count > 0 && extent.offset + count < page.total)
      extent.by_cursor->after = at(page.records[skipped + count - 1]);
  } else if (count > 0 && extent.offset > 0 &&
             (written.others_end_early || extent.offset % query.limit != 0)) {
    extent.before = at(page.records[skipped]); // such an offset comes behind one that ended early
  }
  return query::page_headers(url, request.query, extent);
}

} // namespace diffo::server
