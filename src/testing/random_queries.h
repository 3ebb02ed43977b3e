#pragma once

#include "graph/compiled_filter.h"
#include "graph/query.h"
#include "testing/store_schema.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace diffo::store::test {

/// Records and queries of the small schema, by chance: names longer than keys may be, several tags,
/// edges, times that are the same. Thread rule: one thread.
class RandomQueries {
public:
  explicit RandomQueries(unsigned seed) : random_(seed) {}

  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

  /// One of about as many ids.
  graph::Key some_key(unsigned ids) {
    return {0, pick(3) == 0 ? party : service, "id-" + std::to_string(pick(ids))};
  }

  graph::RecordDraft some_record(graph::Key key, graph::Sequence sequence,
                                 std::int64_t created_at) {
    Draft draft(key.family, key.id);
    draft.draft.which = pick(6) == 0 ? graph::Which::expected : graph::Which::actual;
    draft.draft.sequence = sequence;
    draft.draft.created_at = created_at;
    draft.draft.updated_at = created_at;
    if (pick(4) != 0)
      draft.set(word_name, some_name());
    draft.set(word_state, pick(2) == 0 ? "active" : "off");
    if (pick(3) != 0)
      draft.set(word_number, static_cast<int>(pick(10)) - 5);
    json::Array tags;
    for (unsigned count = pick(4); count > 0; --count)
      tags.emplace_back(some_tag());
    draft.set(word_tag, std::move(tags));
    for (unsigned count = pick(4); count > 0; --count)
      draft.edge(some_edge_kind(), pick(2) == 0 ? party : service,
                 "id-" + std::to_string(pick(40)));
    return std::move(draft.draft);
  }

  /// Without a cursor.
  graph::Query some_query() {
    graph::Query query;
    query.which = pick(5) == 0 ? graph::Which::expected : graph::Which::actual;
    if (pick(3) != 0)
      query.families = {pick(2) == 0 ? service : party};
    std::vector<graph::Filter> filters;
    for (unsigned count = pick(3); count > 0; --count)
      filters.push_back(some_filter(2));
    query.filter = graph::all_of(std::move(filters));
    if (pick(3) == 0)
      query.order.push_back({.path = {.member = pick(3) == 0 ? "number" : "name"},
                             .reading = pick(3) == 0 ? Reading::value : Reading::text,
                             .shown = {},
                             .descending = pick(2) == 0,
                             .residual = {}});
    query.offset = pick(2) == 0 ? 0 : pick(30);
    query.limit = pick(8) == 0 ? 0 : pick(3) == 0 ? 1000 : 1 + pick(10);
    query.count = pick(3) != 0;
    return query;
  }

  /// The query from a cursor on: behind a record that there is or was, or in front of it.
  graph::Query with_cursor(graph::Query query, const std::vector<graph::RecordRef>& records) {
    const unsigned what = pick(4);
    if (what == 0 || records.empty())
      return query;
    const graph::RecordRef& at = records[pick(static_cast<unsigned>(records.size()))];
    const graph::Cursor cursor = graph::cursor_at(query, 1, *at, schema().dictionary());
    if (what == 1) {
      query.after = cursor;
      return query;
    }
    query.backward = true;
    query.offset = 0;
    if (what == 2)
      query.before = cursor;
    return query;
  }

private:
  std::string some_name() {
    if (pick(10) == 0)
      return {"zero\0inside", 11};
    return std::string(pick(3) == 0 ? 60 : 2, 'n') + std::to_string(pick(20));
  }
  std::string some_tag() { return "tag" + std::to_string(pick(6)); }
  graph::ElementKind some_edge_kind() { return pick(2) == 0 ? party_edge : supporting_edge; }

  // NOLINTNEXTLINE(misc-no-recursion): `depth` bounds it.
  graph::Filter some_filter(unsigned depth) {
    switch (pick(depth == 0 ? 6 : 8)) {
    case 0:
      return graph::equal_text({.member = "state"}, {pick(2) == 0 ? "active" : "off"});
    case 1:
      return graph::compare({.member = pick(2) == 0 ? "name" : "tag"}, some_comparison(),
                            Reading::text, {some_operand(), some_operand()});
    case 2:
      return some_edge();
    case 3:
      return graph::equal_text({.end = graph::FieldPath::End::id},
                               {some_key(60).id, some_key(60).id, "nobody"});
    case 4:
      return pick(2) == 0 ? graph::in_index("number") : graph::in_index("number", number_key());
    case 5: // the database cannot tell
      return graph::compare({.member = "number"}, graph::Compare::greater, Reading::value,
                            {json::Value(static_cast<int>(pick(10)) - 5)});
    case 6:
      return graph::none_of(some_filter(depth - 1));
    default:
      return graph::any_of({some_filter(depth - 1), some_filter(depth - 1)});
    }
  }

  graph::Compare some_comparison() {
    static constexpr std::array<graph::Compare, 5> all = {
        graph::Compare::equal, graph::Compare::greater, graph::Compare::greater_or_equal,
        graph::Compare::less, graph::Compare::less_or_equal};
    return all[pick(all.size())];
  }
  json::Value some_operand() { return pick(2) == 0 ? some_name() : some_tag(); }
  std::string number_key() {
    std::string key;
    graph::append_number_key(key, static_cast<int>(pick(10)) - 5);
    return key;
  }
  graph::Filter some_edge() {
    std::vector<graph::ElementKind> kinds;
    if (pick(2) == 0)
      kinds = {some_edge_kind()};
    std::vector<graph::Target> targets;
    for (unsigned count = pick(4); count > 0; --count)
      targets.push_back({pick(2) == 0 ? party : service, "id-" + std::to_string(pick(40))});
    return graph::has_edge(std::move(kinds), std::move(targets));
  }

  std::mt19937 random_;
};

/// What the query finds among the records, looked at one by one, in its order.
inline std::vector<graph::RecordRef> plain_matches(const graph::Query& query,
                                                   const std::vector<graph::RecordRef>& records) {
  const auto filter = graph::CompiledFilter::compile(query.filter, schema()).value();
  std::vector<std::pair<graph::Cursor, graph::RecordRef>> found;
  for (const graph::RecordRef& record : records)
    if (record->which() == query.which &&
        (query.families.empty() || query.families.front() == record->family()) &&
        filter.holds(*record))
      found.emplace_back(graph::cursor_at(query, 1, *record, schema().dictionary()), record);
  std::sort(found.begin(), found.end(), [&query](const auto& a, const auto& b) {
    const auto by_keys = order_of_keys(a.first.keys, b.first.keys, query.order);
    return by_keys != 0 ? by_keys < 0
                        : std::tie(a.first.created_at, a.first.key) <
                              std::tie(b.first.created_at, b.first.key);
  });
  std::vector<graph::RecordRef> matches;
  matches.reserve(found.size());
  for (auto& [cursor, record] : found)
    matches.push_back(std::move(record));
  return matches;
}

/// The page of them, told by counting.
inline graph::Page plain_page(const graph::Query& query,
                              const std::vector<graph::RecordRef>& matches) {
  const auto place_of = [&query](const graph::RecordRef& record, const graph::Cursor& cursor) {
    const auto own = graph::cursor_at(query, 1, *record, schema().dictionary());
    const auto by_keys = order_of_keys(own.keys, cursor.keys, query.order);
    if (by_keys != 0)
      return by_keys < 0 ? -1 : 1;
    const auto by_birth =
        std::tie(own.created_at, own.key) <=> std::tie(cursor.created_at, cursor.key);
    return by_birth < 0 ? -1 : by_birth > 0 ? 1 : 0;
  };
  graph::Page page;
  page.total = matches.size();
  page.begin = std::min<std::uint64_t>(query.offset, page.total);
  if (query.limit == 0)
    return page;
  std::uint64_t begin = 0;
  std::uint64_t end = page.total;
  for (const graph::RecordRef& record : matches) {
    if (!query.backward && query.after && place_of(record, *query.after) <= 0)
      ++begin;
    if (query.backward && query.before && place_of(record, *query.before) >= 0)
      --end;
  }
  begin = query.backward ? end - std::min(end, query.limit)
                         : std::min(begin + query.offset, page.total);
  page.begin = begin;
  end = std::min(end, begin + query.limit);
  for (std::uint64_t at = begin; at < end; ++at)
    page.records.push_back(matches[at]);
  if (begin < end && end < page.total)
    page.next = graph::cursor_at(query, 1, *page.records.back(), schema().dictionary());
  return page;
}

/// Whether two pages are the same but for the revision in their cursors.
inline bool same_page(const graph::Query& query, const graph::Page& a, const graph::Page& b) {
  const auto same = [](const graph::RecordRef& left, const graph::RecordRef& right) {
    return left->bytes() == right->bytes();
  };
  const auto same_place = [](const graph::Cursor& left, const graph::Cursor& right) {
    return std::tie(left.keys, left.created_at, left.key) ==
           std::tie(right.keys, right.created_at, right.key);
  };
  return std::equal(a.records.begin(), a.records.end(), b.records.begin(), b.records.end(), same) &&
         (!query.count || (a.total == b.total && a.begin == b.begin)) &&
         a.next.has_value() == b.next.has_value() && (!a.next || same_place(*a.next, *b.next));
}

} // namespace diffo::store::test
