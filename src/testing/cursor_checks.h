#pragma once

#include "graph/query.h"
#include "graph/revision.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

namespace diffo::store::test {

/// Whether pages by cursor hold what they should, given all that a query finds, in its order. Keeps
/// some cursors of what it has seen, for later revisions. Thread rule: one thread.
class CursorChecks {
public:
  using Keys = std::vector<graph::Key>;

  void check(const graph::Revision& revision, const graph::Query& query, const Keys& matches,
             std::mt19937& random) {
    walk_forward(revision, query, matches, random);
    walk_backward(revision, query, matches);
    check_older(revision, query, matches, random);
  }

private:
  /// All pages one after the other meet every match once.
  static void walk_forward(const graph::Revision& revision, graph::Query query, const Keys& matches,
                           std::mt19937& random) {
    query.offset = 0;
    query.limit = 1 + random() % 20;
    query.count = random() % 2 == 0;
    std::size_t at = 0;
    for (bool more = true; more;) {
      const auto page = revision.query(query);
      REQUIRE(page);
      for (const graph::RecordRef& record : page->records) {
        REQUIRE(at < matches.size());
        REQUIRE(record->key() == matches[at++]);
      }
      more = page->next.has_value();
      query.after = page->next;
    }
    REQUIRE(at == matches.size());
  }

  /// The same from the end to the beginning.
  static void walk_backward(const graph::Revision& revision, graph::Query query,
                            const Keys& matches) {
    query.offset = 0;
    query.limit = std::max<std::uint64_t>(query.limit, 1);
    query.backward = true;
    std::size_t left = matches.size();
    do {
      const auto page = revision.query(query);
      REQUIRE(page);
      REQUIRE(page->total == matches.size());
      REQUIRE(page->records.size() == std::min<std::size_t>(left, query.limit));
      REQUIRE(page->begin + page->records.size() == left);
      left = page->begin;
      for (std::size_t at = 0; at < page->records.size(); ++at)
        REQUIRE(page->records[at]->key() == matches[left + at]);
      if (!page->records.empty())
        query.before = cursor_of(revision, query, page->records.front()->key());
    } while (left > 0);
  }

  /// What was read at other revisions, and may have changed or gone since, still divides the
  /// matches in two.
  void check_older(const graph::Revision& revision, graph::Query query, const Keys& matches,
                   std::mt19937& random) {
    query.offset = 0;
    query.limit = matches.size() + 1;
    for (const auto& [order, cursor] : older_) {
      if (order != query.order)
        continue;
      std::size_t in_front = 0;
      std::size_t behind = 0;
      for (const graph::Key& key : matches) {
        const graph::Cursor own = cursor_of(revision, query, key);
        const auto by_keys = order_of_keys(own.keys, cursor.keys, order);
        const auto by_birth =
            std::tie(own.created_at, own.key) <=> std::tie(cursor.created_at, cursor.key);
        in_front += by_keys < 0 || (by_keys == 0 && by_birth < 0) ? 1 : 0;
        behind += by_keys > 0 || (by_keys == 0 && by_birth > 0) ? 1 : 0;
      }
      query.backward = false;
      query.before = {};
      query.after = cursor;
      const auto rest = revision.query(query);
      REQUIRE(rest);
      REQUIRE(rest->records.size() == behind);
      REQUIRE(rest->begin == matches.size() - behind);
      query.after = {};
      query.backward = true;
      query.before = cursor;
      const auto start = revision.query(query);
      REQUIRE(start);
      REQUIRE(start->records.size() == in_front);
      REQUIRE(start->begin == 0);
    }
    constexpr std::size_t enough = 40;
    if (matches.empty() || random() % 3 != 0)
      return;
    if (older_.size() >= enough)
      older_.erase(older_.begin());
    older_.emplace_back(query.order,
                        cursor_of(revision, query, matches[random() % matches.size()]));
  }

  static graph::Cursor cursor_of(const graph::Revision& revision, const graph::Query& query,
                                 const graph::Key& key) {
    return graph::cursor_at(query, 1, *revision.find(key), revision.schema().dictionary());
  }

  std::vector<std::pair<std::vector<graph::SortKey>, graph::Cursor>> older_;
};

} // namespace diffo::store::test
