#include "graph/conflicts.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace diffo::graph {
namespace {

/// All values at a path, as one text that tells where each stands.
class Values final : public ValueSink {
public:
  [[nodiscard]] bool wants_places() const override { return true; }
  void begin_place() override { all_ += '('; }
  void end_place() override { all_ += ')'; }
  bool take_element(const ElementView& element) override {
    std::string content;
    element.append_content(content);
    all_ += std::to_string(content.size()) + '#' + content;
    return true;
  }
  bool take_text(std::string_view text) override {
    all_ += json::to_text(json::Value(text));
    return true;
  }
  bool take_moment(std::int64_t microseconds) override {
    all_ += '@' + std::to_string(microseconds);
    return true;
  }
  bool take_other(const json::Value& value) override {
    all_ += ' ' + json::to_text(value);
    return true;
  }
  [[nodiscard]] const std::string& all() const { return all_; }

private:
  std::string all_;
};

std::string values_at(const FieldReader& field, const RecordRef& record,
                      const Dictionary& dictionary) {
  Values values;
  field.read(*record, record->root(dictionary), values);
  return values.all();
}

bool has_kind(const std::vector<ElementKind>& kinds, ElementKind kind) {
  return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

using Edge = std::pair<Key, ElementKind>;

std::set<Edge> edges_of(const RecordRef& record, const Dictionary& dictionary) {
  std::set<Edge> edges;
  if (record)
    for_each_edge(record->root(dictionary), [&](const ElementView& edge) {
      edges.emplace(Key(record->tenant(), edge.target_family(), edge.target_id().text()),
                    edge.kind());
    });
  return edges;
}

} // namespace

Result<Conflicts> Conflicts::of(const Footprint& footprint, const Schema& schema) {
  Conflicts conflicts(schema);
  for (const Footprint::RecordRead& read : footprint.records) {
    std::vector<FieldReader> fields;
    fields.reserve(read.fields.size());
    for (const FieldPath& field : read.fields)
      fields.emplace_back(field, schema.dictionary());
    conflicts.records_.insert_or_assign(read.key, std::move(fields));
  }
  for (const Footprint::ReferrersRead& read : footprint.referrers)
    conflicts.referrers_[read.key].push_back(read.kinds);
  for (const Footprint::RangeRead& read : footprint.ranges) {
    Range range{read.query.tenant, read.query.families, read.query.which, std::nullopt};
    if (!has_residual(read.query.filter))
      range.filter = TRY(CompiledFilter::compile(read.query.filter, schema));
    conflicts.ranges_.push_back(std::move(range));
  }
  conflicts.claims_ = footprint.claims;
  return conflicts;
}

bool Conflicts::Range::has(const RecordRef& record) const {
  return record && record->tenant() == tenant && record->which() == which &&
         (families.empty() ||
          std::find(families.begin(), families.end(), record->family()) != families.end()) &&
         (!filter || filter->holds(*record));
}

bool Conflicts::meets_fields(const KeyView& key, const RecordRef& before,
                             const RecordRef& after) const {
  const auto read = records_.find(key);
  if (read == records_.end())
    return false;
  const std::vector<FieldReader>& fields = read->second;
  if (fields.empty() || !before || !after || before->which() != after->which())
    return true;
  const Dictionary& dictionary = schema_->dictionary();
  return std::any_of(fields.begin(), fields.end(), [&](const FieldReader& field) {
    // Each version of a record has its own time.
    if (field.path().end == FieldPath::End::updated_at && before->sequence() != after->sequence())
      return true;
    return values_at(field, before, dictionary) != values_at(field, after, dictionary);
  });
}

bool Conflicts::meets_referrers(const RecordRef& before, const RecordRef& after) const {
  if (referrers_.empty())
    return false;
  const std::set<Edge> earlier = edges_of(before, schema_->dictionary());
  const std::set<Edge> later = edges_of(after, schema_->dictionary());
  std::vector<Edge> changed;
  std::set_symmetric_difference(earlier.begin(), earlier.end(), later.begin(), later.end(),
                                std::back_inserter(changed));
  return std::any_of(changed.begin(), changed.end(), [this](const Edge& edge) {
    const auto read = referrers_.find(edge.first);
    return read != referrers_.end() &&
           std::any_of(read->second.begin(), read->second.end(),
                       [&edge](const auto& kinds) { return has_kind(kinds, edge.second); });
  });
}

bool Conflicts::meets(const KeyView& key, const RecordRef& before, const RecordRef& after) const {
  return meets_fields(key, before, after) || meets_referrers(before, after) ||
         std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const Range& range) { return range.has(before) || range.has(after); });
}

bool Conflicts::meets_claim(std::string_view scope, std::string_view key) const {
  return std::any_of(claims_.begin(), claims_.end(), [&](const ClaimName& name) {
    return name.scope == scope && (name.key.empty() || name.key == key);
  });
}

} // namespace diffo::graph
