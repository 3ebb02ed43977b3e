#include "neo4j/matches.h"

#include "neo4j/layout.h"
#include "neo4j/narrowing.h"

#include <algorithm>
#include <utility>

namespace diffo::neo4j {

Judge::Judge(const graph::Query& query, const graph::Schema& schema, graph::CompiledFilter filter)
    : query_(query), schema_(schema), filter_(std::move(filter)),
      families_(families_of(query, schema)) {
  for (const graph::SortKey& order : query_.order)
    sort_keys_.emplace_back(order, schema_.dictionary());
}

Result<Judge> Judge::of(const graph::Query& query, const graph::Schema& schema) {
  return Judge(query, schema, TRY(graph::CompiledFilter::compile(query.filter, schema)));
}

bool Judge::matches(const graph::Record& record) const {
  return record.tenant() == query_.tenant && record.which() == query_.which &&
         std::find(families_.begin(), families_.end(), record.family()) != families_.end() &&
         filter_.holds(record);
}

Match Judge::match(graph::RecordRef record) const {
  Match match;
  match.keys.reserve(sort_keys_.size());
  for (const graph::SortKeyReader& reader : sort_keys_)
    match.keys.push_back(reader.key_of(*record));
  match.created_at = record->created_at();
  match.key = key_text(record->key());
  match.record = std::move(record);
  return match;
}

bool Judge::comes_before(const Match& a, const Match& b) const {
  const auto by_keys = order_of_keys(a.keys, b.keys, query_.order);
  if (by_keys != 0)
    return by_keys < 0;
  return a.created_at != b.created_at ? a.created_at < b.created_at : a.key < b.key;
}

void Judge::sort(std::vector<Match>& matches) const {
  std::sort(matches.begin(), matches.end(),
            [this](const Match& a, const Match& b) { return comes_before(a, b); });
}

std::size_t Judge::in_front(const std::vector<Match>& sorted) const {
  if (!is_bounded(query_))
    return query_.backward ? sorted.size() : 0;
  const graph::Cursor& bound = *bound_of(query_);
  Match place{.record = {}, .created_at = bound.created_at, .key = key_text(bound.key)};
  if (!query_.order.empty())
    place.keys = bound.keys;
  const auto before = [this](const Match& a, const Match& b) { return comes_before(a, b); };
  const auto end = query_.backward ? std::lower_bound(sorted.begin(), sorted.end(), place, before)
                                   : std::upper_bound(sorted.begin(), sorted.end(), place, before);
  return static_cast<std::size_t>(end - sorted.begin());
}

std::vector<Match> Judge::matches_of(const Images& images) const {
  std::vector<Match> found;
  for (const auto& [key, image] : images)
    if (image && matches(*image))
      found.push_back(match(image));
  sort(found);
  return found;
}

std::vector<graph::Key> keys_of(const std::vector<Match>& matches) {
  std::vector<graph::Key> keys;
  keys.reserve(matches.size());
  for (const Match& match : matches)
    keys.push_back(match.record->key());
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::size_t most_rows(const graph::Query& query, std::size_t most_candidates) {
  return query.most_visited == 0 ? most_candidates
                                 : static_cast<std::size_t>(std::min<std::uint64_t>(
                                       query.most_visited, most_candidates));
}

} // namespace diffo::neo4j
