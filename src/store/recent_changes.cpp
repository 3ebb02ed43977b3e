#include "store/recent_changes.h"

#include "graph/conflicts.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace diffo::store {
namespace {

using graph::RecordRef;

std::size_t mixed(std::size_t hash, std::size_t with) {
  return (hash ^ with) * 0x9e3779b97f4a7c15ULL >> 17 ^ hash * 0xff51afd7ed558ccdULL;
}

std::size_t hash_of_target(const graph::KeyView& target) {
  return mixed(graph::KeyHash()(target), 1);
}

/// Claims are touched by their own name and with their scope.
std::size_t hash_of_scope(std::string_view scope) {
  return mixed(std::hash<std::string_view>()(scope), 2);
}

std::size_t hash_of_claim(std::string_view scope, std::string_view key) {
  return mixed(hash_of_scope(scope), std::hash<std::string_view>()(key));
}

/// Whether the record may be among what the query finds: by its class alone, which is always on the
/// safe side.
bool may_find(const graph::Query& query, const RecordRef& record) {
  return record && record->tenant() == query.tenant && record->which() == query.which &&
         (query.families.empty() || std::find(query.families.begin(), query.families.end(),
                                              record->family()) != query.families.end());
}

} // namespace

RecentChanges::RecentChanges(graph::Sequence newest) : begun_(newest), newest_(newest) {}

void RecentChanges::touch(std::size_t hash, graph::Sequence sequence) {
  slots_[hash % slot_count] = sequence;
}

bool RecentChanges::is_older(std::size_t hash, graph::Sequence than) const {
  return slots_[hash % slot_count] <= than;
}

void RecentChanges::note_target(const graph::KeyView& target, graph::ElementKind kind,
                                std::vector<std::size_t>& touched) {
  const std::size_t hash = hash_of_target(target);
  touched.push_back(hash);
  touched.push_back(mixed(hash, std::size_t{kind} + 1));
}

std::optional<graph::Since> RecentChanges::since(graph::Sequence sequence, std::size_t most) const {
  graph::Since since;
  if (sequence == newest_)
    return since;
  if (sequence < begun_ || deltas_.empty() || deltas_.front()->sequence > sequence + 1)
    return std::nullopt;
  for (const DeltaRef& delta : deltas_) {
    if (delta->sequence <= sequence)
      continue;
    if (since.size() + delta->changes.size() + delta->taken.size() + delta->released.size() > most)
      return std::nullopt;
    since.add(*delta);
  }
  return since;
}

void RecentChanges::add(DeltaRef delta, std::span<const std::size_t> touched) {
  for (const std::size_t hash : touched)
    touch(hash, delta->sequence);
  for (const auto* claims : {&delta->taken, &delta->released})
    for (const graph::Claim& claim : *claims) {
      touch(hash_of_scope(claim.scope), delta->sequence);
      touch(hash_of_claim(claim.scope, claim.key), delta->sequence);
    }
  newest_ = delta->sequence;
  bytes_ += bytes_of(*delta);
  deltas_.push_back(std::move(delta));
  while (deltas_.size() > most_deltas || (bytes_ > most_bytes && deltas_.size() > 1)) {
    bytes_ -= bytes_of(*deltas_.front());
    deltas_.pop_front();
  }
}

bool RecentChanges::touched(const graph::Footprint::ReferrersRead& read,
                            graph::Sequence pinned) const {
  const std::size_t target = hash_of_target(read.key);
  if (read.kinds.empty())
    return !is_older(target, pinned);
  return std::any_of(read.kinds.begin(), read.kinds.end(), [&](graph::ElementKind kind) {
    return !is_older(mixed(target, std::size_t{kind} + 1), pinned);
  });
}

bool RecentChanges::touched(const graph::Footprint::RangeRead& read, Deltas since) const {
  return std::any_of(since, deltas_.end(), [&](const DeltaRef& delta) {
    return std::any_of(
        delta->changes.begin(), delta->changes.end(), [&](const graph::Delta::Change& change) {
          return may_find(read.query, change.before) || may_find(read.query, change.after);
        });
  });
}

/// Whether a change since is one of what was read.
bool RecentChanges::met_by(const graph::Footprint& suspicious, Deltas since,
                           const graph::Schema& schema) const {
  const std::size_t reads =
      suspicious.records.size() + suspicious.referrers.size() + suspicious.ranges.size();
  std::size_t changes = 0;
  for (auto delta = since; delta != deltas_.end(); ++delta)
    changes += (*delta)->changes.size();
  if (changes > most_comparisons / reads)
    return true;
  const auto conflicts = graph::Conflicts::of(suspicious, schema);
  if (!conflicts)
    return true; // what cannot be asked of a record may have changed
  return std::any_of(since, deltas_.end(), [&](const DeltaRef& delta) {
    return std::any_of(delta->changes.begin(), delta->changes.end(),
                       [&](const graph::Delta::Change& change) {
                         return conflicts->meets(change.key, change.before, change.after);
                       });
  });
}

bool RecentChanges::touched(const graph::Footprint& footprint,
                            const std::vector<graph::Change>& written, graph::Sequence pinned,
                            const State& tip, const graph::Schema& schema) const {
  if (pinned == newest_)
    return false;
  if (pinned < begun_)
    return true;
  const bool comparable = !deltas_.empty() && deltas_.front()->sequence <= pinned + 1;
  const Deltas since =
      comparable
          ? deltas_.begin() + static_cast<std::ptrdiff_t>(pinned + 1 - deltas_.front()->sequence)
          : deltas_.end();
  graph::Footprint suspicious;
  for (const graph::Footprint::RecordRead& read : footprint.records) {
    const RecordRef now = tip.find(read.key);
    if ((now ? now->sequence() : 0) == read.sequence)
      continue;
    const bool is_written =
        std::any_of(written.begin(), written.end(),
                    [&read](const graph::Change& change) { return change.key == read.key; });
    if (read.fields.empty() || is_written)
      return true;
    suspicious.records.push_back(read);
  }
  for (const graph::ClaimName& name : footprint.claims)
    if (!is_older(name.key.empty() ? hash_of_scope(name.scope)
                                   : hash_of_claim(name.scope, name.key),
                  pinned))
      return true;
  for (const graph::Footprint::ReferrersRead& read : footprint.referrers)
    if (touched(read, pinned))
      suspicious.referrers.push_back(read);
  for (const graph::Footprint::RangeRead& read : footprint.ranges)
    if (!comparable || touched(read, since))
      suspicious.ranges.push_back(read);
  const bool none =
      suspicious.records.empty() && suspicious.referrers.empty() && suspicious.ranges.empty();
  return !none && (!comparable || met_by(suspicious, since, schema));
}

} // namespace diffo::store
