#include "store/query_run.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace diffo::store {
namespace {

using graph::Page;
using graph::RecordRef;

/// Keys of one record in an index, in full.
class Extremes final : public graph::IndexSink {
public:
  explicit Extremes(bool greatest) : greatest_(greatest) {}
  void add(std::string_view key) override {
    if (!kept_ || (greatest_ ? key > *kept_ : key < *kept_))
      kept_ = std::string(key);
  }
  std::optional<std::string> take() { return std::move(kept_); }

private:
  bool greatest_;
  std::optional<std::string> kept_;
};

/// One match with its sort keys.
struct Ranked {
  Ordinal ordinal;
  std::vector<std::optional<std::string>> keys;
};

bool comes_before(const Ranked& a, const Ranked& b, const std::vector<graph::SortKey>& order) {
  for (std::size_t level = 0; level < order.size(); ++level) {
    const auto& left = a.keys[level];
    const auto& right = b.keys[level];
    if (left.has_value() != right.has_value())
      return left.has_value(); // those without a key come last, whatever the direction
    if (!left || *left == *right)
      continue;
    return order[level].descending ? *right < *left : *left < *right;
  }
  return order.front().descending ? b.ordinal < a.ordinal : a.ordinal < b.ordinal;
}

} // namespace

std::optional<std::string> sort_key_of(const graph::SortKey& order, const graph::Record& record,
                                       const graph::Schema& schema) {
  if (order.key)
    return order.key(record);
  for (const graph::IndexDefinition& index : schema.indexes())
    if (order.index && index.number == *order.index && covers(index, record.family())) {
      Extremes extremes(order.descending);
      index.keys(record, schema.dictionary(), extremes);
      return extremes.take();
    }
  return std::nullopt;
}

Result<void> QueryRun::spend(std::uint64_t steps) {
  if (steps > left_)
    return Error{ErrorCode::too_large, "the query would have to look at too many records"};
  left_ -= steps;
  return {};
}

Result<void> QueryRun::collect_sources() {
  for (const graph::IndexCondition& condition : query_.index_conditions)
    sources_.push_back(TRY(source_of(condition)));
  for (const graph::EdgeCondition& condition : query_.edge_conditions)
    sources_.push_back(source_of(condition));
  std::sort(sources_.begin(), sources_.end(),
            [](const Source& a, const Source& b) { return a.count < b.count; });
  return {};
}

bool QueryRun::source_decides() const {
  return !query_.predicate && query_.order.empty() && sources_.size() <= 1;
}

Result<Page> QueryRun::run() {
  TRY(collect_sources());
  if (source_decides()) {
    const Source source = sources_.empty() ? everything() : sources_.front();
    if (source.by_creation)
      return page_by_creation(source);
  }
  if (sources_.empty() && !query_.predicate)
    if (auto page = page_by_index())
      return std::move(*page);
  return page_of(TRY(candidates()));
}

Page QueryRun::page_by_creation(const Source& source) const {
  Page page;
  page.total = source.count;
  if (source.ranges.empty() || query_.offset >= page.total)
    return page;
  const std::uint64_t wanted = std::min(query_.limit, page.total - query_.offset);
  auto cursor = state_.keys.at(state_.keys.rank(source.ranges.front().low) + query_.offset);
  for (std::uint64_t taken = 0; taken < wanted; ++taken, cursor.next())
    page.records.push_back(state_.record(ordinal_of(cursor.key())));
  return page;
}

/// All records of one class in the order of one index: by rank, when all have a key there or the
/// page ends before those that have none.
std::optional<Page> QueryRun::page_by_index() const {
  const auto wanted = classes();
  if (wanted.size() != 1 || query_.order.size() != 1 || !query_.order.front().index)
    return std::nullopt;
  const graph::SortKey& order = query_.order.front();
  const auto& indexes = schema_.indexes();
  const auto index = std::find_if(indexes.begin(), indexes.end(), [&](const auto& definition) {
    return definition.number == *order.index;
  });
  if (index == indexes.end() || !index->single_key)
    return std::nullopt;
  const std::string prefix = index_prefix(index->number, wanted.front());
  const std::uint64_t first = state_.keys.rank(prefix);
  const std::uint64_t after = state_.keys.rank(after_prefix(prefix));
  Page page;
  page.total = everything().count;
  if (query_.offset >= page.total)
    return page;
  const std::uint64_t take = std::min(query_.limit, page.total - query_.offset);
  if (query_.offset + take > after - first)
    return std::nullopt;
  std::uint64_t taken = 0;
  const std::uint64_t rank = order.descending ? after - 1 - query_.offset : first + query_.offset;
  for (auto cursor = state_.keys.at(rank); taken < take; ++taken) {
    // Keys that were cut do not tell the order among themselves.
    if (cursor.key().size() >= prefix.size() + graph::max_index_key_bytes + 1 + ordinal_bytes)
      return std::nullopt;
    page.records.push_back(state_.record(ordinal_of(cursor.key())));
    if (order.descending)
      cursor.previous();
    else
      cursor.next();
  }
  return page;
}

Result<std::vector<Ordinal>> QueryRun::collect(const Source& source) {
  TRY(spend(source.count));
  std::vector<Ordinal> ordinals;
  ordinals.reserve(source.count);
  for (const TreeRange& range : source.ranges)
    for (auto cursor = state_.keys.seek(range.low); cursor.valid() && cursor.key() < range.high;
         cursor.next())
      ordinals.push_back(ordinal_of(cursor.key()));
  if (!std::is_sorted(ordinals.begin(), ordinals.end()))
    std::sort(ordinals.begin(), ordinals.end());
  if (!source.distinct)
    ordinals.erase(std::unique(ordinals.begin(), ordinals.end()), ordinals.end());
  return ordinals;
}

/// The ordinals of all matches, in the order of creation.
Result<std::vector<Ordinal>> QueryRun::candidates() {
  // Asking a record costs about as much as reading so many keys of the tree.
  constexpr std::uint64_t cost_of_asking = 32;
  std::vector<Ordinal> matches = TRY(collect(sources_.empty() ? everything() : sources_.front()));
  std::vector<const Source*> asked;
  for (std::size_t index = 1; index < sources_.size() && !matches.empty(); ++index) {
    if (sources_[index].count > matches.size() * cost_of_asking) {
      asked.push_back(&sources_[index]);
      continue;
    }
    const std::vector<Ordinal> others = TRY(collect(sources_[index]));
    std::vector<Ordinal> both;
    std::set_intersection(matches.begin(), matches.end(), others.begin(), others.end(),
                          std::back_inserter(both));
    matches = std::move(both);
  }
  if (asked.empty() && !query_.predicate)
    return matches;
  TRY(spend(matches.size()));
  std::erase_if(matches, [&](Ordinal ordinal) {
    const graph::Record& record = *state_.records.get(ordinal);
    return !std::all_of(asked.begin(), asked.end(), [&](const Source* source) {
      return source->allows(record);
    }) || (query_.predicate && !query_.predicate(record));
  });
  return matches;
}

/// Brings the wanted page to its place.
Result<void> QueryRun::sort_page(std::vector<Ordinal>& matches) {
  TRY(spend(matches.size()));
  std::vector<Ranked> ranked;
  ranked.reserve(matches.size());
  for (const Ordinal ordinal : matches) {
    Ranked& entry = ranked.emplace_back(Ranked{ordinal, {}});
    for (const graph::SortKey& order : query_.order)
      entry.keys.push_back(sort_key_of(order, *state_.records.get(ordinal), schema_));
  }
  const std::uint64_t end =
      query_.limit > ranked.size() - query_.offset ? ranked.size() : query_.offset + query_.limit;
  std::partial_sort(
      ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(end), ranked.end(),
      [this](const Ranked& a, const Ranked& b) { return comes_before(a, b, query_.order); });
  std::transform(ranked.begin(), ranked.end(), matches.begin(),
                 [](const Ranked& entry) { return entry.ordinal; });
  return {};
}

Result<Page> QueryRun::page_of(std::vector<Ordinal> matches) {
  Page page;
  page.total = matches.size();
  if (query_.offset >= page.total || query_.limit == 0)
    return page;
  if (!query_.order.empty())
    TRY(sort_page(matches));
  const std::uint64_t wanted = std::min(query_.limit, page.total - query_.offset);
  page.records.reserve(wanted);
  for (std::uint64_t index = query_.offset; index < query_.offset + wanted; ++index)
    page.records.push_back(state_.record(matches[index]));
  return page;
}

} // namespace diffo::store
