#include "graph/footprint.h"

#include <algorithm>
#include <utility>

namespace diffo::graph {
namespace {

void add_fields(std::vector<FieldPath>& all, const std::vector<FieldPath>& more) {
  for (const FieldPath& field : more)
    if (std::find(all.begin(), all.end(), field) == all.end())
      all.push_back(field);
}

} // namespace

void Recorder::record(const KeyView& key, const RecordRef& found,
                      const std::vector<FieldPath>& fields) {
  add_record(key, found ? found->sequence() : 0, fields);
}

void Recorder::add_record(const KeyView& key, Sequence sequence,
                          const std::vector<FieldPath>& fields) {
  const auto place = places_.find(key);
  if (place == places_.end()) {
    places_.emplace(Key(key), footprint_.records.size());
    footprint_.records.push_back({Key(key), sequence, fields});
    return;
  }
  std::vector<FieldPath>& known = footprint_.records[place->second].fields;
  if (known.empty() || fields.empty())
    known.clear(); // the whole record
  else
    add_fields(known, fields);
}

void Recorder::referrers(const KeyView& key, const std::vector<ElementKind>& kinds) {
  Footprint::ReferrersRead read{Key(key), kinds};
  auto& all = footprint_.referrers;
  if (std::find(all.begin(), all.end(), read) == all.end())
    all.push_back(std::move(read));
}

void Recorder::range(const Query& query) {
  Query range = query;
  range.order.clear();
  range.offset = 0;
  range.after.reset();
  range.limit = 0;
  auto& all = footprint_.ranges;
  if (std::none_of(all.begin(), all.end(),
                   [&range](const auto& known) { return known.query == range; }))
    all.push_back({std::move(range)});
}

void Recorder::claim(ClaimName name) {
  auto& all = footprint_.claims;
  if (std::find(all.begin(), all.end(), name) == all.end())
    all.push_back(std::move(name));
}

void Recorder::add(const Footprint& other) {
  for (const Footprint::RecordRead& read : other.records)
    add_record(read.key, read.sequence, read.fields);
  for (const Footprint::ReferrersRead& read : other.referrers)
    referrers(read.key, read.kinds);
  for (const Footprint::RangeRead& read : other.ranges)
    range(read.query);
  for (const ClaimName& name : other.claims)
    claim(name);
}

Footprint Recorder::take() {
  places_.clear();
  return std::exchange(footprint_, {});
}

} // namespace diffo::graph
