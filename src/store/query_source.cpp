#include "store/query_run.h"

#include "base/byte_order.h"

#include <algorithm>
#include <utility>

namespace diffo::store {
namespace {

using graph::Compare;
using graph::Filter;
using graph::KeyRange;

// Greater than the first byte of any ordinal: a key followed by it comes after all records that
// have the key and before all longer keys.
constexpr char after_ordinals = '\xff';

/// A key range as tree keys without their prefix.
TreeRange tree_range(const KeyRange& range) {
  const KeyRange cut = graph::cut(range);
  TreeRange keys;
  append_index_key(keys.low, cut.low);
  if (!cut.low_inclusive)
    keys.low += after_ordinals;
  if (!cut.high)
    return keys;
  append_index_key(keys.high, *cut.high);
  if (cut.high_inclusive)
    keys.high += after_ordinals;
  return keys;
}

/// Ranges in order, overlapping ones joined, empty ones dropped.
std::vector<TreeRange> joined(std::vector<TreeRange> ranges) {
  std::erase_if(ranges, [](const TreeRange& range) { return range.low >= range.high; });
  std::sort(ranges.begin(), ranges.end(),
            [](const TreeRange& a, const TreeRange& b) { return a.low < b.low; });
  std::vector<TreeRange> out;
  for (TreeRange& range : ranges) {
    if (!out.empty() && range.low <= out.back().high)
      out.back().high = std::max(range.high, out.back().high);
    else
      out.push_back(std::move(range));
  }
  return out;
}

} // namespace

std::vector<RecordClass> QueryRun::classes() const {
  std::vector<RecordClass> classes;
  for (const graph::FamilyDefinition& family : schema_.families())
    if (query_.families.empty() || std::find(query_.families.begin(), query_.families.end(),
                                             family.family) != query_.families.end())
      classes.push_back({query_.tenant, family.family, query_.which});
  return classes;
}

void QueryRun::count(Source& source) const {
  source.ranges = joined(std::move(source.ranges));
  source.count = 0;
  for (const TreeRange& range : source.ranges)
    source.count += state_.keys.rank(range.high) - state_.keys.rank(range.low);
}

Source QueryRun::everything() const {
  Source source;
  const auto wanted = classes();
  for (const RecordClass& record_class : wanted) {
    const std::string prefix = creation_prefix(record_class);
    source.ranges.push_back({prefix, after_prefix(prefix)});
  }
  source.distinct = source.exact = true;
  source.by_creation = wanted.size() == 1;
  count(source);
  return source;
}

/// What an index or the edges can tell of a filter. What is found has all that it holds for, and is
/// just that when exact.
std::optional<Source> QueryRun::source_of(const Filter& filter) const {
  std::optional<Source> source;
  if (filter.kind == Filter::Kind::compare)
    source = comparison_source(filter);
  if (!source)
    source = id_source(filter);
  if (filter.kind == Filter::Kind::has_edge && !filter.targets.empty() &&
      filter.direction == graph::Direction::out)
    source = edge_source(filter);
  if (filter.kind == Filter::Kind::any)
    source = union_source(filter);
  if (filter.kind == Filter::Kind::in_index)
    if (const graph::IndexDefinition* index = schema_.index(filter.name)) {
      const auto keys = graph::allowed_keys(filter, *index);
      source = index_source(*index, keys->ranges);
      source->exact = keys->exact;
    }
  if (!source && filter.kind == Filter::Kind::all)
    for (const Filter& child : filter.children)
      if (auto one = source_of(child); one && (!source || one->count < source->count)) {
        source = std::move(one);
        source->exact = source->exact && filter.children.size() == 1;
      }
  if (source)
    source->part = &filter;
  return source;
}

Source QueryRun::index_source(const graph::IndexDefinition& index,
                              const std::vector<KeyRange>& ranges) const {
  Source source;
  const auto wanted = classes();
  for (const RecordClass& record_class : wanted) {
    if (!covers(index, record_class.family))
      continue;
    const std::string prefix = index_prefix(index.number, record_class);
    for (const KeyRange& range : ranges) {
      const TreeRange keys = tree_range(range);
      source.ranges.push_back(
          {prefix + keys.low, keys.high.empty() ? after_prefix(prefix) : prefix + keys.high});
    }
  }
  const bool is_one_point = ranges.size() == 1 && ranges.front().is_point();
  source.distinct = is_one_point || index.single_key;
  source.by_creation = is_one_point && source.ranges.size() == 1;
  count(source);
  return source;
}

std::optional<Source> QueryRun::comparison_source(const Filter& filter) const {
  const auto wanted = classes();
  for (const graph::IndexDefinition& index : schema_.indexes()) {
    if (!std::all_of(wanted.begin(), wanted.end(), [&](const RecordClass& record_class) {
          return covers(index, record_class.family);
        }))
      continue;
    if (const auto keys = graph::allowed_keys(filter, index)) {
      Source source = index_source(index, keys->ranges);
      source.exact = keys->exact;
      return source;
    }
  }
  return std::nullopt;
}

/// Of the records that by_id() finds, by the keys that all records have.
std::optional<Source> QueryRun::id_source(const Filter& filter) const {
  const auto found = by_id(filter);
  if (!found)
    return std::nullopt;
  Source source;
  for (const Ordinal ordinal : *found) {
    std::string key = creation_prefix(class_of(*state_.records.get(ordinal)));
    append_big_endian(key, ordinal);
    source.ranges.push_back({key, after_prefix(key)});
  }
  source.distinct = source.exact = true;
  source.by_creation = found->size() == 1;
  count(source);
  return source;
}

Source QueryRun::edge_source(const Filter& filter) const {
  Source source;
  const auto wanted = classes();
  std::size_t parts = 0;
  for (const graph::Target& target : filter.targets) {
    const auto identity = state_.identities->find({query_.tenant, target.family, target.id});
    if (!identity)
      continue;
    const auto add = [&](graph::ElementKind kind) {
      for (const RecordClass& record_class : wanted) {
        const std::string prefix = edge_prefix(*identity, kind, record_class);
        source.ranges.push_back({prefix, after_prefix(prefix)});
        ++parts;
      }
    };
    if (!filter.kinds.empty()) {
      std::for_each(filter.kinds.begin(), filter.kinds.end(), add);
      continue;
    }
    const std::string all = edge_prefix(*identity);
    for (auto cursor = state_.keys.seek(all); cursor.valid() && cursor.key().starts_with(all);) {
      const graph::ElementKind kind = edge_kind_of(cursor.key());
      add(kind);
      cursor = state_.keys.seek(after_prefix(edge_prefix(*identity, kind)));
    }
  }
  source.distinct = source.by_creation = parts <= 1;
  source.exact = filter.children.empty();
  count(source);
  return source;
}

/// Of alternatives, when there is a source for each. One without keys adds nothing.
std::optional<Source> QueryRun::union_source(const Filter& filter) const {
  Source all;
  all.exact = true;
  std::size_t used = 0;
  for (const Filter& child : filter.children) {
    auto one = source_of(child);
    if (!one)
      return std::nullopt;
    if (one->count == 0)
      continue;
    all.exact = all.exact && one->exact;
    all.distinct = one->distinct;
    all.by_creation = one->by_creation;
    ++used;
    std::move(one->ranges.begin(), one->ranges.end(), std::back_inserter(all.ranges));
  }
  if (used != 1)
    all.distinct = all.by_creation = false;
  count(all);
  return all;
}

/// The records of ids that a filter restricts the answer to, in the order of creation; nothing when
/// it does not.
std::optional<std::vector<Ordinal>> QueryRun::by_id(const Filter& filter) const {
  const bool by_id = filter.kind == Filter::Kind::compare && filter.path.parts.empty() &&
                     filter.path.end == graph::FieldPath::End::id &&
                     filter.comparison == Compare::equal && filter.reading == Reading::text &&
                     filter.shown.empty();
  if (!by_id)
    return std::nullopt;
  std::vector<Ordinal> found;
  const auto wanted = classes();
  for (const json::Value& value : filter.any_of) {
    const std::string* id = value.if_string();
    if (id == nullptr)
      return std::nullopt;
    for (const RecordClass& record_class : wanted) {
      const auto identity = state_.identities->find({query_.tenant, record_class.family, *id});
      const Ordinal ordinal = identity ? state_.ordinals.get(*identity) : 0;
      if (ordinal != 0 && class_of(*state_.records.get(ordinal - 1)) == record_class)
        found.push_back(ordinal - 1);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

} // namespace diffo::store
