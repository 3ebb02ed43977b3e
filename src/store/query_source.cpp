#include "store/query_run.h"

#include <algorithm>
#include <utility>

namespace diffo::store {
namespace {

using graph::KeyRange;
using graph::max_index_key_bytes;

// Greater than the first byte of any ordinal: a key followed by it comes after all records that
// have the key and before all longer keys.
constexpr char after_ordinals = '\xff';

/// A key range as tree keys without their prefix. Stored keys are cut, so a bound of full length
/// includes its own cut form.
TreeRange cut_range(const KeyRange& range) {
  TreeRange cut;
  append_index_key(cut.low, range.low);
  if (!range.low_inclusive && range.low.size() < max_index_key_bytes)
    cut.low += after_ordinals;
  if (!range.high)
    return cut;
  append_index_key(cut.high, *range.high);
  if (range.high_inclusive || range.high->size() > max_index_key_bytes)
    cut.high += after_ordinals;
  return cut;
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

bool is_point(const KeyRange& range) {
  return range.high && range.low == *range.high && range.low_inclusive && range.high_inclusive;
}

/// Collects the keys of one record.
class Keys final : public graph::IndexSink {
public:
  void add(std::string_view key) override { append_index_key(all_.emplace_back(), key); }
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

private:
  std::vector<std::string> all_;
};

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
  source.distinct = true;
  source.by_creation = wanted.size() == 1;
  count(source);
  return source;
}

Result<Source> QueryRun::source_of(const graph::IndexCondition& condition) const {
  const auto& indexes = schema_.indexes();
  const auto index = std::find_if(indexes.begin(), indexes.end(), [&](const auto& definition) {
    return definition.number == condition.index;
  });
  if (index == indexes.end())
    return Error{ErrorCode::invalid, "there is no index number " + std::to_string(condition.index)};
  std::vector<TreeRange> cuts;
  cuts.reserve(condition.any_of.size());
  for (const KeyRange& range : condition.any_of)
    cuts.push_back(cut_range(range));
  Source source;
  const auto wanted = classes();
  for (const RecordClass& record_class : wanted) {
    const std::string prefix = index_prefix(condition.index, record_class);
    for (const TreeRange& cut : cuts)
      source.ranges.push_back(
          {prefix + cut.low, cut.high.empty() ? after_prefix(prefix) : prefix + cut.high});
  }
  const bool point = condition.any_of.size() == 1 && is_point(condition.any_of.front());
  source.distinct = point || index->single_key;
  source.by_creation = point && wanted.size() == 1;
  source.allows = [&schema = schema_, &definition = *index,
                   cuts = std::move(cuts)](const graph::Record& record) {
    if (!covers(definition, record.family()))
      return false;
    Keys keys;
    definition.keys(record, schema.dictionary(), keys);
    return std::any_of(keys.all().begin(), keys.all().end(), [&](const std::string& key) {
      return std::any_of(cuts.begin(), cuts.end(), [&](const TreeRange& cut) {
        return key >= cut.low && (cut.high.empty() || key < cut.high);
      });
    });
  };
  count(source);
  return source;
}

Source QueryRun::source_of(const graph::EdgeCondition& condition) const {
  Source source;
  const auto wanted = classes();
  std::size_t parts = 0;
  for (const graph::Target& target : condition.any_of) {
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
    if (!condition.kinds.empty()) {
      std::for_each(condition.kinds.begin(), condition.kinds.end(), add);
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
  source.allows = [&schema = schema_, &condition](const graph::Record& record) {
    bool found = false;
    graph::for_each_edge(record.root(schema.dictionary()), [&](const graph::ElementView& edge) {
      const auto& kinds = condition.kinds;
      if (found ||
          (!kinds.empty() && std::find(kinds.begin(), kinds.end(), edge.kind()) == kinds.end()))
        return;
      found = std::any_of(
          condition.any_of.begin(), condition.any_of.end(), [&](const graph::Target& target) {
            return target.family == edge.target_family() && edge.target_id().equals(target.id);
          });
    });
    return found;
  };
  count(source);
  return source;
}

} // namespace diffo::store
