#include "neo4j/paging.h"

#include "neo4j/matches.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::Page;
using graph::Query;

Error changed_meanwhile() {
  return {ErrorCode::conflict, "what the query finds was changed while the database looked for it"};
}

/// The rows that are as they were at the revision. `overtaken`: whether others were among them.
Result<std::vector<graph::RecordRef>> standing_rows(const bolt::EagerResult& answer,
                                                    const graph::Schema& schema,
                                                    const Images& changed, graph::Sequence revision,
                                                    bool& overtaken) {
  std::vector<graph::RecordRef> records;
  records.reserve(answer.records.size());
  for (const bolt::Record& record : answer.records) {
    Row row = TRY(read_row(record, schema.dictionary()));
    if (changed.contains(row.record->key()))
      overtaken = true;
    else if (row.sequence > static_cast<std::int64_t>(revision))
      return changed_meanwhile();
    else
      records.push_back(std::move(row.record));
  }
  return records;
}

/// Fills a page with the matches from `begin` to `end`.
void fill(Page& page, const std::vector<Match>& matches, std::size_t begin, std::size_t end,
          bool goes_on, graph::Sequence revision) {
  for (std::size_t at = begin; at < end; ++at)
    page.records.push_back(matches[at].record);
  if (!goes_on || begin >= end)
    return;
  const Match& last = matches[end - 1];
  page.next = graph::Cursor{.revision = revision,
                            .keys = last.keys,
                            .created_at = last.created_at,
                            .key = last.record->key()};
}

/// All of them are here.
Page page_of_all(const Query& query, const Judge& judge, std::vector<Match> matches,
                 graph::Sequence revision) {
  Page page;
  page.total = matches.size();
  page.begin = std::min<std::uint64_t>(query.offset, page.total);
  if (query.limit == 0 || matches.empty())
    return page;
  judge.sort(matches);
  std::uint64_t begin = 0;
  std::uint64_t end = page.total;
  if (query.backward) {
    end = judge.in_front(matches);
    begin = end - std::min<std::uint64_t>(end, query.limit);
  } else {
    begin = judge.in_front(matches);
  }
  page.begin = begin + std::min(query.offset, page.total - begin);
  if (query.offset >= end - begin)
    return page;
  begin += query.offset;
  end = begin + std::min(query.limit, end - begin);
  fill(page, matches, begin, end, end < page.total, revision);
  return page;
}

/// What the database counted.
struct Counts {
  std::uint64_t total = 0;
  std::uint64_t front = 0;
};

Result<Counts> read_counts(const bolt::EagerResult& answer) {
  const bolt::Record* record = answer.records.size() == 1 ? &answer.records.front() : nullptr;
  const auto* total = record == nullptr ? nullptr : (*record)["total"].get_if<std::int64_t>();
  const auto* front = record == nullptr ? nullptr : (*record)["front"].get_if<std::int64_t>();
  if (total == nullptr || front == nullptr || *total < 0 || *front < 0)
    return Error{ErrorCode::corrupt, "the database did not count as it was asked to"};
  return Counts{static_cast<std::uint64_t>(*total), static_cast<std::uint64_t>(*front)};
}

/// Forward: rows from the skipped ones on, and the changed ones that lie behind the cursor.
void fill_forward(Page& page, const Query& query, const Judge& judge, std::vector<Match> rows,
                  std::vector<Match> changed, std::uint64_t skipped, graph::Sequence revision) {
  const auto before = [&judge](const Match& a, const Match& b) { return judge.comes_before(a, b); };
  // Changed ones before the first of the rows lie among those that were skipped.
  std::uint64_t first = skipped;
  if (skipped != 0) {
    if (rows.empty()) // then the offset is behind the end, however many have changed
      return;
    const auto here = std::lower_bound(changed.begin(), changed.end(), rows.front(), before);
    first += static_cast<std::uint64_t>(here - changed.begin());
    changed.erase(changed.begin(), here);
  }
  std::vector<Match> all;
  std::merge(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()),
             std::make_move_iterator(changed.begin()), std::make_move_iterator(changed.end()),
             std::back_inserter(all), before);
  const std::uint64_t begin = std::min<std::uint64_t>(query.offset - first, all.size());
  const std::uint64_t end = begin + std::min<std::uint64_t>(query.limit, all.size() - begin);
  fill(page, all, begin, end, end < all.size(), revision);
}

/// Backward: the last rows in front of the cursor, and the changed ones there.
void fill_backward(Page& page, const Query& query, const Judge& judge, std::vector<Match> rows,
                   std::vector<Match> changed, std::uint64_t end, graph::Sequence revision) {
  std::vector<Match> all;
  std::merge(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()),
             std::make_move_iterator(changed.begin()), std::make_move_iterator(changed.end()),
             std::back_inserter(all),
             [&judge](const Match& a, const Match& b) { return judge.comes_before(a, b); });
  const std::size_t begin =
      all.size() - static_cast<std::size_t>(std::min<std::uint64_t>(query.limit, all.size()));
  fill(page, all, begin, all.size(), end < page.total, revision);
  page.begin = end - page.records.size();
}

/// Errors: unsupported when the first or last of the rows may stand among others whose keys begin
/// alike, which the database cannot tell apart beyond where keys are cut.
Result<void> check_edges(const Query& query, const graph::Schema& schema, const Judge& judge,
                         const QueryStatements& plan, const bolt::EagerResult& answer) {
  if (query.order.empty() || answer.records.empty())
    return {};
  const auto is_cut = [&](const bolt::Record& row) -> Result<bool> {
    const Match match = judge.match(TRY(read_row(row, schema.dictionary())).record);
    const auto& key = match.keys.front();
    return key && key->size() >= graph::max_index_key_bytes;
  };
  const auto* most = plan.statements.front().parameters.find("limit")->get_if<std::int64_t>();
  const bool goes_on = static_cast<std::int64_t>(answer.records.size()) >= *most;
  if ((plan.skipped != 0 && TRY(is_cut(answer.records.front()))) ||
      (goes_on && TRY(is_cut(answer.records.back()))))
    return Error{ErrorCode::unsupported, "the database cannot tell the order of texts that long"};
  return {};
}

Result<Page> pushed_page(const Query& query, const graph::Schema& schema, const Judge& judge,
                         const QueryStatements& plan, const std::vector<bolt::EagerResult>& answers,
                         const Images& images, const Images& as_asked, graph::Sequence revision) {
  if (revision < plan.revision)
    return changed_meanwhile();
  std::vector<Match> changed = judge.matches_of(images);
  // The database has seen none of what has changed since, or, of what was changed after the
  // statements were made and belonged to what it finds, nobody knows.
  bool overtaken = keys_of(judge.matches_of(as_asked)) != plan.known;
  std::vector<Match> rows;
  if (query.limit != 0) {
    TRY(check_edges(query, schema, judge, plan, answers.front()));
    for (auto& record : TRY(standing_rows(answers.front(), schema, images, revision, overtaken)))
      rows.push_back(judge.match(std::move(record)));
    judge.sort(rows);
  }
  // A page that begins at a cursor and is not counted needs no more than its own records, if they
  // are those that were asked for.
  const bool is_later = revision != plan.revision;
  if (overtaken && (is_later || needs_counts(query) || query.offset != 0))
    return changed_meanwhile();
  if (plan.skipped != 0 && changed.size() > plan.known.size()) // it may have skipped too many
    return changed_meanwhile();
  const Counts counts = needs_counts(query) ? TRY(read_counts(answers.back())) : Counts{};
  const std::size_t in_front = judge.in_front(changed);
  Page page;
  page.total = counts.total + changed.size();
  if (query.limit == 0) {
    page.begin = std::min(query.offset, page.total);
    return page;
  }
  if (query.backward) {
    const std::uint64_t end = is_bounded(query) ? counts.front + in_front : page.total;
    changed.resize(in_front);
    fill_backward(page, query, judge, std::move(rows), std::move(changed), end, revision);
    return page;
  }
  const std::uint64_t front = counts.front + in_front;
  changed.erase(changed.begin(), changed.begin() + static_cast<std::ptrdiff_t>(in_front));
  fill_forward(page, query, judge, std::move(rows), std::move(changed), plan.skipped, revision);
  if (!query.count)
    page.total = front + query.offset + page.records.size() + (page.next ? 1 : 0);
  page.begin = front + std::min(query.offset, page.total - front);
  return page;
}

Result<Page> page_here(const Query& query, const graph::Schema& schema, const Judge& judge,
                       const bolt::EagerResult& answer, const Images& changed,
                       graph::Sequence revision, std::size_t most) {
  if (answer.records.size() > most)
    return Error{ErrorCode::too_large,
                 "the query would have to look at too many records; narrow it "
                 "by an attribute that has an index"};
  std::vector<Match> matches = judge.matches_of(changed);
  bool overtaken = false;
  for (auto& record : TRY(standing_rows(answer, schema, changed, revision, overtaken)))
    if (judge.matches(*record))
      matches.push_back(judge.match(std::move(record)));
  return page_of_all(query, judge, std::move(matches), revision);
}

} // namespace

Result<Row> read_row(const bolt::Record& row, const graph::Dictionary& dictionary) {
  const auto* key = row["key"].get_if<std::string>();
  const auto* sequence = row["sequence"].get_if<std::int64_t>();
  const auto* bytes = row["record"].get_if<bolt::Bytes>();
  if (row["sequence"].is_null() && row["record"].is_null()) // erased between found and read
    return changed_meanwhile();
  if (key == nullptr || sequence == nullptr || bytes == nullptr)
    return Error{ErrorCode::corrupt, "a record in the database lacks " +
                                         std::string(key == nullptr        ? "its key"
                                                     : sequence == nullptr ? "its sequence"
                                                                           : "its content")};
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return Row{*key, *sequence, TRY(graph::load(text, dictionary))};
}

Result<Page> page_from(const Query& query, const graph::Schema& schema,
                       const QueryStatements& statements,
                       const std::vector<bolt::EagerResult>& answers, const Images& changed,
                       const Images& as_asked, graph::Sequence revision,
                       std::size_t most_candidates) {
  if (answers.size() != statements.statements.size() || answers.empty())
    return Error{ErrorCode::internal, "a query has answers that are not its own"};
  const Judge judge = TRY(Judge::of(query, schema));
  return statements.pushed
             ? pushed_page(query, schema, judge, statements, answers, changed, as_asked, revision)
             : page_here(query, schema, judge, answers.front(), changed, revision,
                         most_rows(query, most_candidates));
}

} // namespace diffo::neo4j
