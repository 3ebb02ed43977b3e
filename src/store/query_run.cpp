#include "store/query_run.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace diffo::store {
namespace {

using graph::Page;

/// One match with its sort keys.
struct Ranked {
  Ordinal ordinal;
  std::vector<std::optional<std::string>> keys;
};

// How many steps are taken between looks at the clock and at who asked.
constexpr std::uint64_t steps_between_looks = 256;

// Greater than the first byte of any ordinal.
constexpr char after_ordinals = '\xff';

bool comes_before(const Ranked& a, const Ranked& b, const std::vector<graph::SortKey>& order) {
  const std::weak_ordering by_keys = order_of_keys(a.keys, b.keys, order);
  return by_keys == 0 ? a.ordinal < b.ordinal : by_keys < 0;
}

/// The key of an index entry without the ordinal at its end.
std::string_view without_ordinal(std::string_view key) {
  return key.substr(0, key.size() - ordinal_bytes);
}

} // namespace

QueryRun::QueryRun(const State& state, const graph::Schema& schema, QueryBudget budget,
                   const graph::Query& query)
    : state_(state), schema_(schema), budget_(std::move(budget)), query_(query) {
  for (const graph::SortKey& order : query_.order)
    sort_keys_.emplace_back(order, schema_.dictionary());
  if (budget_.clock != nullptr && budget_.max_microseconds > 0)
    until_ = budget_.clock->now().microseconds + budget_.max_microseconds;
}

Result<void> QueryRun::spend(std::uint64_t steps) {
  if (steps > budget_.max_visited)
    return Error{ErrorCode::too_large, "the query would have to look at too many records"};
  budget_.max_visited -= steps;
  return {};
}

/// Called for every step that costs something.
Result<void> QueryRun::step() {
  if (++steps_ % steps_between_looks != 0)
    return {};
  if (budget_.cancellation.is_requested())
    return Error{ErrorCode::unavailable, "the search was given up"};
  if (until_ != 0 && budget_.clock->now().microseconds > until_)
    return Error{ErrorCode::too_large,
                 "the search takes too long; narrow it by an attribute that has an index"};
  return {};
}

/// Finds what answers conjuncts; the others are asked of the records.
void QueryRun::collect_sources() {
  for (const graph::Filter* part : conjuncts(query_.filter)) {
    if (auto ids = by_id(*part)) {
      if (!looked_up_ || ids->size() < looked_up_->size())
        looked_up_ = std::move(ids);
      asked_.push_back(part); // several such conditions must hold together
      continue;
    }
    auto source = source_of(*part);
    if (!source || !source->exact)
      asked_.push_back(part);
    if (source)
      sources_.push_back(std::move(*source));
  }
  std::sort(sources_.begin(), sources_.end(),
            [](const Source& a, const Source& b) { return a.count < b.count; });
}

bool QueryRun::source_decides() const {
  return !looked_up_ && asked_.empty() && query_.order.empty() && sources_.size() <= 1;
}

Result<Page> QueryRun::run() {
  collect_sources();
  if (source_decides()) {
    const Source source = sources_.empty() ? everything() : sources_.front();
    if (source.by_creation)
      return page_by_creation(source);
    if (sources_.empty() && query_.offset == 0 && !query_.backward)
      return page_of_classes(source);
  }
  if (!looked_up_ && sources_.empty() && asked_.empty() && !query_.after && !query_.backward)
    if (auto page = page_by_index())
      return std::move(*page);
  return page_of(TRY(candidates()));
}

/// Ordinals are given in the order of creation, and each record has a microsecond of its own; those
/// that are gone leave a hole, which is stepped over.
Ordinal QueryRun::first_from(const graph::Cursor& cursor, At at) const {
  const auto is_before = [&](const graph::Record& record) {
    if (record.created_at() != cursor.created_at)
      return record.created_at() < cursor.created_at;
    return at == At::itself ? record.key() < cursor.key : !(record.key() > cursor.key);
  };
  Ordinal low = 0;
  Ordinal high = state_.next_ordinal;
  while (low < high) {
    Ordinal middle = low + (high - low) / 2;
    while (middle < high && state_.records.get(middle) == nullptr)
      ++middle;
    if (middle == high || !is_before(*state_.records.get(middle)))
      high = low + (high - low) / 2;
    else
      low = middle + 1;
  }
  return low;
}

graph::Cursor QueryRun::cursor_behind(const graph::Record& record) const {
  return graph::cursor_at(query_, state_.sequence, record, schema_.dictionary());
}

Page QueryRun::page_by_creation(const Source& source) const {
  Page page;
  page.total = source.count;
  if (source.ranges.empty())
    return page;
  const std::uint64_t first = state_.keys.rank(source.ranges.front().low);
  if (source.count == 0)
    return page;
  // All keys of the range are its prefix and an ordinal.
  const auto rank_of = [&](Ordinal ordinal) {
    std::string key(without_ordinal(state_.keys.at(first).key()));
    append_big_endian(key, ordinal);
    return state_.keys.rank(key) - first;
  };
  std::uint64_t skipped = query_.after ? rank_of(first_from(*query_.after, At::behind)) : 0;
  std::uint64_t end = page.total;
  if (query_.backward) {
    end = query_.before ? rank_of(first_from(*query_.before, At::itself)) : page.total;
    skipped = end - std::min(end, query_.limit);
  }
  skipped += std::min(query_.offset, page.total - skipped);
  page.begin = skipped;
  const std::uint64_t wanted = std::min(query_.limit, end - skipped);
  auto cursor = state_.keys.at(first + skipped);
  for (std::uint64_t taken = 0; taken < wanted; ++taken, cursor.next())
    page.records.push_back(state_.record(ordinal_of(cursor.key())));
  if (!page.records.empty() && skipped + wanted < page.total)
    page.next = cursor_behind(*page.records.back());
  return page;
}

/// All records of one class in the order of one index: by rank, when all have a key there or the
/// page ends before those that have none.
std::optional<Page> QueryRun::page_by_index() const {
  const auto wanted = classes();
  if (wanted.size() != 1 || query_.order.size() != 1 || query_.order.front().residual ||
      !query_.order.front().shown.empty())
    return std::nullopt;
  const graph::SortKey& order = query_.order.front();
  const auto& indexes = schema_.indexes();
  const auto index = std::find_if(indexes.begin(), indexes.end(), [&](const auto& definition) {
    return definition.path && *definition.path == order.path &&
           definition.reading == order.reading && covers(definition, wanted.front().family);
  });
  if (index == indexes.end() || !index->single_key)
    return std::nullopt;
  const std::string prefix = index_prefix(index->number, wanted.front());
  const std::uint64_t first = state_.keys.rank(prefix);
  const std::uint64_t behind = state_.keys.rank(after_prefix(prefix));
  Page page;
  page.total = everything().count;
  page.begin = std::min(query_.offset, page.total);
  if (query_.offset >= page.total)
    return page;
  const std::uint64_t take = std::min(query_.limit, page.total - query_.offset);
  if (query_.offset + take > behind - first)
    return std::nullopt;
  const auto add = [&](const KeyTree::Cursor& cursor) {
    // Keys that were cut do not tell the order among themselves.
    if (cursor.key().size() >= prefix.size() + graph::max_index_key_bytes + 1 + ordinal_bytes)
      return false;
    page.records.push_back(state_.record(ordinal_of(cursor.key())));
    return true;
  };
  if (!order.descending) {
    auto cursor = state_.keys.at(first + query_.offset);
    for (std::uint64_t taken = 0; taken < take; ++taken, cursor.next())
      if (!add(cursor))
        return std::nullopt;
    return page_that_goes_on(std::move(page), take);
  }
  // Downwards from one key to the next, and upwards among the records of a key.
  for (std::uint64_t end = behind - query_.offset; page.records.size() < take;) {
    const std::string key(without_ordinal(state_.keys.at(end - 1).key()));
    const std::uint64_t low = state_.keys.rank(key);
    const std::uint64_t high = state_.keys.rank(key + after_ordinals);
    auto cursor = state_.keys.at(low + (high - end));
    for (std::uint64_t taken = low + (high - end); taken < high && page.records.size() < take;
         ++taken, cursor.next())
      if (!add(cursor))
        return std::nullopt;
    end = low;
  }
  return page_that_goes_on(std::move(page), take);
}

/// All records of several classes: the least ordinal among them was created first.
Page QueryRun::page_of_classes(const Source& source) const {
  Page page;
  page.total = source.count;
  const Ordinal behind = query_.after ? first_from(*query_.after, At::behind) : 0;
  struct Run {
    KeyTree::Cursor cursor;
    std::string end;
  };
  std::vector<Run> runs;
  for (const RecordClass& record_class : classes()) {
    std::string begin = creation_prefix(record_class);
    Run run{{}, after_prefix(begin)};
    const std::uint64_t first = state_.keys.rank(begin);
    append_big_endian(begin, behind);
    page.begin += state_.keys.rank(begin) - first;
    run.cursor = state_.keys.seek(begin);
    runs.push_back(std::move(run));
  }
  const auto ended = [](const Run& run) {
    return !run.cursor.valid() || run.cursor.key() >= run.end;
  };
  for (std::erase_if(runs, ended); !runs.empty() && page.records.size() < query_.limit;
       std::erase_if(runs, ended)) {
    const auto first = std::min_element(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
      return ordinal_of(a.cursor.key()) < ordinal_of(b.cursor.key());
    });
    page.records.push_back(state_.record(ordinal_of(first->cursor.key())));
    first->cursor.next();
  }
  if (!runs.empty() && !page.records.empty())
    page.next = cursor_behind(*page.records.back());
  return page;
}

/// Adds where the next page begins.
Page QueryRun::page_that_goes_on(Page page, std::uint64_t taken) const {
  if (taken != 0 && query_.offset + taken < page.total)
    page.next = cursor_behind(*page.records.back());
  return page;
}

Result<std::vector<Ordinal>> QueryRun::collect(const Source& source) {
  TRY(spend(source.count));
  std::vector<Ordinal> ordinals;
  ordinals.reserve(source.count);
  for (const TreeRange& range : source.ranges)
    for (auto cursor = state_.keys.seek(range.low); cursor.valid() && cursor.key() < range.high;
         cursor.next()) {
      TRY(step());
      ordinals.push_back(ordinal_of(cursor.key()));
    }
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
  // What cannot be asked is refused before anything is looked at.
  std::vector<graph::CompiledFilter> filters;
  filters.reserve(asked_.size() + sources_.size());
  for (const graph::Filter* part : asked_)
    filters.push_back(TRY(graph::CompiledFilter::compile(*part, schema_)));
  std::vector<Ordinal> matches =
      looked_up_ ? *looked_up_ : TRY(collect(sources_.empty() ? everything() : sources_.front()));
  for (std::size_t index = looked_up_ ? 0 : 1; index < sources_.size() && !matches.empty();
       ++index) {
    const Source& source = sources_[index];
    if (looked_up_ || source.count > matches.size() * cost_of_asking) {
      filters.push_back(TRY(graph::CompiledFilter::compile(*source.part, schema_)));
      continue;
    }
    const std::vector<Ordinal> others = TRY(collect(source));
    std::vector<Ordinal> both;
    std::set_intersection(matches.begin(), matches.end(), others.begin(), others.end(),
                          std::back_inserter(both));
    matches = std::move(both);
  }
  // A cursor without sort keys needs nothing from before it, unless all are to be counted.
  if (query_.after && query_.order.empty() && !query_.count)
    matches.erase(matches.begin(), std::lower_bound(matches.begin(), matches.end(),
                                                    first_from(*query_.after, At::behind)));
  TRY(ask_records(matches, filters));
  return matches;
}

/// Keeps those for which all parts hold.
Result<void> QueryRun::ask_records(std::vector<Ordinal>& matches,
                                   const std::vector<graph::CompiledFilter>& filters) {
  if (filters.empty())
    return {};
  const bool first_page_suffices = query_.order.empty() && !query_.count && !query_.backward;
  TRY(spend(matches.size()));
  std::size_t kept = 0;
  for (const Ordinal ordinal : matches) {
    TRY(step());
    const graph::Record& record = *state_.records.get(ordinal);
    if (std::all_of(filters.begin(), filters.end(),
                    [&record](const auto& filter) { return filter.holds(record); }))
      matches[kept++] = ordinal;
    if (first_page_suffices && kept > query_.offset + query_.limit)
      break;
  }
  matches.resize(kept);
  return {};
}

/// Brings the wanted page to its place. `begin` and `end`: where the page may begin or, backward,
/// must end. Keeps no more than what the page needs, as a heap with what would go first on top, so
/// that each step is short enough to be given up behind it.
Result<void> QueryRun::sort_page(std::vector<Ordinal>& matches, std::uint64_t& begin,
                                 std::uint64_t& end) {
  TRY(spend(matches.size()));
  const bool backward = query_.backward;
  const std::optional<graph::Cursor>& cursor = backward ? query_.before : query_.after;
  const bool by_cursor = cursor && cursor->keys.size() == query_.order.size();
  const Ordinal from = by_cursor ? first_from(*cursor, backward ? At::itself : At::behind) : 0;
  // Of the page before the cursor: whether it comes before it; else whether it comes behind it.
  const auto is_wanted = [&](const Ranked& entry) {
    const auto order = order_of_keys(entry.keys, cursor->keys, query_.order);
    return backward == (order == 0 ? entry.ordinal < from : order < 0);
  };
  const auto comes_first = [&](const Ranked& a, const Ranked& b) {
    return backward ? comes_before(b, a, query_.order) : comes_before(a, b, query_.order);
  };
  const std::uint64_t most = std::min<std::uint64_t>(query_.offset, matches.size()) +
                             std::min<std::uint64_t>(query_.limit, matches.size());
  std::uint64_t left_out = 0;
  std::vector<Ranked> kept;
  for (const Ordinal ordinal : matches) {
    TRY(step());
    Ranked entry{ordinal, keys_of(ordinal)};
    if (by_cursor && !is_wanted(entry)) {
      ++left_out;
      continue;
    }
    if (kept.size() == most) {
      if (!comes_first(entry, kept.front()))
        continue;
      std::pop_heap(kept.begin(), kept.end(), comes_first);
      kept.back() = std::move(entry);
    } else {
      kept.push_back(std::move(entry));
    }
    std::push_heap(kept.begin(), kept.end(), comes_first);
  }
  for (auto last = kept.end(); last != kept.begin(); --last) {
    TRY(step());
    std::pop_heap(kept.begin(), last, comes_first);
  }
  if (backward) {
    std::reverse(kept.begin(), kept.end());
    end = matches.size() - left_out;
    begin = end - kept.size();
  } else {
    begin = left_out;
  }
  std::transform(kept.begin(), kept.end(), matches.begin() + static_cast<std::ptrdiff_t>(begin),
                 [](const Ranked& entry) { return entry.ordinal; });
  return {};
}

std::vector<std::optional<std::string>> QueryRun::keys_of(Ordinal ordinal) const {
  std::vector<std::optional<std::string>> keys;
  keys.reserve(sort_keys_.size());
  for (const graph::SortKeyReader& reader : sort_keys_)
    keys.push_back(reader.key_of(*state_.records.get(ordinal)));
  return keys;
}

Result<Page> QueryRun::page_of(std::vector<Ordinal> matches) {
  Page page;
  page.total = matches.size();
  page.begin = std::min(query_.offset, page.total);
  if (query_.limit == 0 || matches.empty())
    return page;
  std::uint64_t begin = 0;
  std::uint64_t end = page.total;
  const auto rank_of = [&matches](Ordinal ordinal) {
    return static_cast<std::uint64_t>(std::lower_bound(matches.begin(), matches.end(), ordinal) -
                                      matches.begin());
  };
  if (!query_.order.empty()) {
    TRY(sort_page(matches, begin, end));
  } else if (query_.backward) {
    end = query_.before ? rank_of(first_from(*query_.before, At::itself)) : page.total;
    begin = end - std::min(end, query_.limit);
  } else if (query_.after) {
    begin = rank_of(first_from(*query_.after, At::behind));
  }
  page.begin = begin + std::min(query_.offset, page.total - begin);
  if (query_.offset >= end - begin)
    return page;
  begin += query_.offset;
  const std::uint64_t wanted = std::min(query_.limit, end - begin);
  page.records.reserve(wanted);
  for (std::uint64_t index = begin; index < begin + wanted; ++index)
    page.records.push_back(state_.record(matches[index]));
  if (begin + wanted < page.total)
    page.next = cursor_behind(*page.records.back());
  return page;
}

} // namespace diffo::store
