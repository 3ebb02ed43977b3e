#include "neo4j/paging.h"

#include "neo4j/layout.h"
#include "testing/random_queries.h"

#include <doctest/doctest.h>

#include <memory>
#include <set>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::store::test;

namespace {

using Records = std::map<graph::Key, graph::RecordRef, std::less<>>;

std::vector<graph::RecordRef> list_of(const Records& records) {
  std::vector<graph::RecordRef> list;
  for (const auto& [key, record] : records)
    list.push_back(record);
  return list;
}

bolt::EagerResult answer(const bolt::Keys& keys, std::vector<bolt::List> rows) {
  bolt::EagerResult result;
  result.keys = std::make_shared<const bolt::Keys>(keys);
  for (bolt::List& row : rows)
    result.records.emplace_back(result.keys, std::move(row));
  return result;
}

bolt::List row_of(const graph::Record& record) {
  const std::string_view bytes = record.bytes();
  return {key_text(record.key()), static_cast<std::int64_t>(record.sequence()),
          bolt::Bytes(bytes.begin(), bytes.end())};
}

std::int64_t integer(const bolt::Statement& statement, std::string_view name) {
  return statement.parameters.find(name)->get<std::int64_t>();
}

/// Answers the statements of one query as a database would that holds these records.
class PlainDatabase {
public:
  PlainDatabase(const graph::Query& query, const Records& records) : query_(query) {
    all_ = list_of(records);
    matches_ = plain_matches(query, all_);
    std::sort(matches_.begin(), matches_.end(), [this](const auto& a, const auto& b) {
      return order_of(cursor_at(*a), cursor_at(*b)) < 0;
    });
  }

  std::vector<bolt::EagerResult> answers(const QueryStatements& plan) {
    std::vector<bolt::EagerResult> results;
    results.reserve(plan.statements.size());
    for (const bolt::Statement& statement : plan.statements)
      results.push_back(!plan.pushed ? candidates(statement)
                        : statement.query.find("AS total") != std::string::npos ? counts(statement)
                                                                                : page(statement));
    return results;
  }

private:
  const bolt::Keys columns_ = {"key", "sequence", "record"};

  bolt::EagerResult candidates(const bolt::Statement& statement) {
    std::vector<bolt::List> rows;
    for (const graph::RecordRef& record : all_)
      if (rows.size() < static_cast<std::size_t>(integer(statement, "limit")))
        rows.push_back(row_of(*record));
    return answer(columns_, std::move(rows));
  }

  std::vector<graph::RecordRef> seen(const bolt::Statement& statement) {
    std::set<std::string> known;
    if (const bolt::Value* keys = statement.parameters.find("known"))
      for (const bolt::Value& key : keys->get<bolt::List>())
        known.insert(key.get<std::string>());
    std::vector<graph::RecordRef> records;
    for (const graph::RecordRef& record : matches_)
      if (static_cast<std::int64_t>(record->sequence()) <= integer(statement, "revision") &&
          !known.contains(key_text(record->key())))
        records.push_back(record);
    return records;
  }

  /// With keys cut as those of nodes are.
  graph::Cursor cursor_at(const graph::Record& record) const {
    graph::Cursor cursor = graph::cursor_at(query_, 1, record, schema().dictionary());
    for (auto& key : cursor.keys)
      if (key)
        key->resize(std::min(key->size(), graph::max_index_key_bytes));
    return cursor;
  }

  int order_of(const graph::Cursor& a, const graph::Cursor& b) const {
    if (const auto by_keys = order_of_keys(a.keys, b.keys, query_.order); by_keys != 0)
      return by_keys < 0 ? -1 : 1;
    const auto by_birth = std::tie(a.created_at, a.key) <=> std::tie(b.created_at, b.key);
    return by_birth < 0 ? -1 : by_birth > 0 ? 1 : 0;
  }

  /// -1 in front of the cursor, 1 behind it.
  int place(const graph::Record& record) const {
    return order_of(cursor_at(record), query_.backward ? *query_.before : *query_.after);
  }

  bolt::EagerResult page(const bolt::Statement& statement) {
    auto records = seen(statement);
    if (statement.parameters.contains("created"))
      std::erase_if(records, [&](const graph::RecordRef& record) {
        return place(*record) != (query_.backward ? -1 : 1);
      });
    if (query_.backward)
      std::reverse(records.begin(), records.end());
    std::vector<bolt::List> rows;
    const auto skip = static_cast<std::size_t>(integer(statement, "skip"));
    const auto end = skip + static_cast<std::size_t>(integer(statement, "limit"));
    for (std::size_t at = skip; at < std::min(end, records.size()); ++at)
      rows.push_back(row_of(*records[at]));
    return answer(columns_, std::move(rows));
  }

  bolt::EagerResult counts(const bolt::Statement& statement) {
    const auto records = seen(statement);
    std::int64_t front = 0;
    if (statement.parameters.contains("created"))
      front = std::count_if(records.begin(), records.end(), [&](const graph::RecordRef& record) {
        return place(*record) < (query_.backward ? 0 : 1);
      });
    return answer({"total", "front"}, {{static_cast<std::int64_t>(records.size()), front}});
  }

  const graph::Query& query_;
  std::vector<graph::RecordRef> all_;
  std::vector<graph::RecordRef> matches_;
};

/// An inventory that goes on while a revision of it is read.
class Walk {
public:
  explicit Walk(unsigned seed) : random_(seed) {
    for (int step = 0; step < 120; ++step)
      change();
    pin();
  }

  void pin() {
    revision_ = sequence_;
    pinned_ = records_;
    changed_.clear();
  }

  void change() {
    const graph::Key key = random_.some_key(60);
    const auto before = records_.find(key);
    const graph::RecordRef old = before == records_.end() ? graph::RecordRef() : before->second;
    if (old)
      ever_.push_back(old);
    changed_.emplace(key, old); // the first since the revision tells what was there at it
    ++sequence_;
    if (old && random_.pick(3) == 0) {
      records_.erase(key);
      return;
    }
    now_ += random_.pick(4) == 0 ? 0 : 1;
    records_.insert_or_assign(
        key, graph::encode(random_.some_record(key, sequence_, old ? old->created_at() : now_),
                           schema().dictionary()));
  }

  /// A query, with as many changes while it is asked.
  void check(unsigned changes_meanwhile, Choose choose) {
    graph::Query query = random_.some_query();
    query = random_.with_cursor(std::move(query), random_.pick(3) == 0 ? ever_ : list_of(pinned_));
    const auto plan = statements_of(query, schema(), revision_, most, changed_, choose).value();
    pushed += plan.pushed ? 1 : 0;
    for (unsigned count = random_.pick(changes_meanwhile + 1); count > 0; --count)
      change();
    const auto answers = PlainDatabase(query, records_).answers(plan);
    for (unsigned count = random_.pick(changes_meanwhile + 1); count > 0; --count)
      change();
    // As of the statements' revision, or of a later one, which others may have left behind.
    const bool later = choose == Choose::database && changes_meanwhile > 0 && random_.pick(3) == 0;
    const graph::Sequence at = later ? sequence_ : revision_;
    const Records wanted = later ? records_ : pinned_;
    Images images = changed_;
    if (later) {
      for (auto& [key, image] : images) {
        const auto now = records_.find(key);
        image = now == records_.end() ? graph::RecordRef() : now->second;
      }
      for (unsigned count = random_.pick(2); count > 0; --count) {
        change();
        for (const auto& [key, image] : changed_)
          if (!images.contains(key)) // it was not changed between the two
            images.emplace(key, image);
      }
    }
    const auto page = page_from(query, schema(), plan, answers, images, changed_, at, most);
    if (!page && page.error().code == ErrorCode::unsupported) {
      REQUIRE(plan.pushed);
      REQUIRE(query.order.size() == 1);
      ++unordered;
      return;
    }
    sorted += plan.pushed && !query.order.empty() ? 1 : 0;
    if (!page) {
      REQUIRE(page.error().code == ErrorCode::conflict);
      REQUIRE(plan.pushed);
      REQUIRE(changes_meanwhile > 0);
      ++refused;
      return;
    }
    const graph::Page expected = plain_page(query, plain_matches(query, list_of(wanted)));
    CAPTURE(graph::print(query.filter));
    CAPTURE(plan.statements.front().query);
    REQUIRE(same_page(query, *page, expected));
    ++answered;
    answered_later += later ? 1 : 0;
  }

  int pushed = 0;
  int sorted = 0;    ///< by the database
  int unordered = 0; ///< it could not tell
  int refused = 0;
  int answered = 0;
  int answered_later = 0;

private:
  static constexpr std::size_t most = 1000;
  RandomQueries random_;
  Records records_;
  Records pinned_;
  Images changed_;
  std::vector<graph::RecordRef> ever_;
  graph::Sequence sequence_ = 0;
  graph::Sequence revision_ = 0;
  std::int64_t now_ = 1'000'000;
};

} // namespace

TEST_CASE("a page is that of the revision, whatever was changed since") {
  int sorted = 0;
  int unordered = 0;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int query = 0; query < 40; ++query) {
      walk.check(0, Choose::database);
      walk.check(0, Choose::here);
      if (query % 5 == 0)
        walk.change();
    }
    CHECK(walk.pushed > 10);
    CHECK(walk.refused == 0);
    sorted += walk.sorted;
    unordered += walk.unordered;
  }
  CHECK(unordered > 0);
  CHECK(sorted > unordered);
}

TEST_CASE("a page is that of the revision or refused when the database is overtaken") {
  int refused = 0;
  int answered = 0;
  int answered_later = 0;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int query = 0; query < 40; ++query) {
      walk.check(2, Choose::database);
      if (query % 4 == 3)
        walk.pin();
    }
    refused += walk.refused;
    answered += walk.answered;
    answered_later += walk.answered_later;
  }
  CHECK(refused > 0);
  CHECK(answered > refused);
  CHECK(answered_later > 50);
}

TEST_CASE("more candidates than may be looked at are refused") {
  graph::Query query;
  query.filter = graph::compare({.member = "number"}, graph::Compare::greater, Reading::value,
                                {json::Value(0)});
  Records records;
  RandomQueries random(1);
  while (records.size() < 5) {
    const graph::Key key = random.some_key(60);
    records.emplace(key, graph::encode(random.some_record(key, 1, 1), schema().dictionary()));
  }
  for (const auto& [most, visited, good] :
       {std::tuple<std::size_t, std::uint64_t, bool>{5, 0, true}, {4, 0, false}, {9, 3, false}}) {
    query.most_visited = visited;
    const auto plan = statements_of(query, schema(), 1, most, {}).value();
    CHECK_FALSE(plan.pushed);
    const auto page = page_from(query, schema(), plan, PlainDatabase(query, records).answers(plan),
                                {}, {}, 1, most);
    CHECK(page.has_value() == good);
    if (!page)
      CHECK(page.error().code == ErrorCode::too_large);
  }
}

TEST_CASE("what cannot be asked, or was not answered, is an error") {
  graph::Query query;
  query.filter = graph::in_index("nowhere");
  CHECK(statements_of(query, schema(), 1, 10, {}).error().code == ErrorCode::invalid);
  query.filter = {};
  const auto plan = statements_of(query, schema(), 1, 10, {}).value();
  CHECK(page_from(query, schema(), plan, {}, {}, {}, 1, 10).error().code == ErrorCode::internal);
  const auto half = answer({"key", "sequence"}, {{"0|1|a", 1}});
  CHECK(page_from(query, schema(), plan, {half, half}, {}, {}, 1, 10).error().code ==
        ErrorCode::corrupt);
  // What was erased between being found and being read.
  const auto gone = answer({"key", "sequence", "record"}, {{"0|1|a", nullptr, nullptr}});
  CHECK(page_from(query, schema(), plan, {gone, gone}, {}, {}, 1, 10).error().code ==
        ErrorCode::conflict);
}
