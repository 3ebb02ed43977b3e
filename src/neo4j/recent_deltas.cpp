#include "neo4j/recent_deltas.h"

#include <algorithm>
#include <utility>

namespace diffo::neo4j {
namespace {

/// Sets what a claim was at `at`, going through the commits in their order.
void note_claim(std::map<graph::ClaimName, std::optional<graph::Claim>>& claims,
                const graph::Claim& claim, bool taken, bool is_later) {
  const graph::ClaimName name{claim.scope, claim.key};
  if (is_later) // the first later commit tells what was there before it
    claims.try_emplace(name, taken ? std::nullopt : std::optional(claim));
  else if (taken)
    claims.insert_or_assign(name, claim);
  else
    claims.insert_or_assign(name, std::nullopt);
}

} // namespace

void RecentDeltas::begin_behind(graph::Sequence sequence) {
  const std::lock_guard held(mutex_);
  known_after_ = sequence;
}

void RecentDeltas::add(graph::DeltaRef delta) {
  const std::lock_guard held(mutex_);
  bytes_ += bytes_of(*delta);
  deltas_.push_back(std::move(delta));
  while (deltas_.size() > most_deltas || (bytes_ > most_bytes && deltas_.size() > 256)) {
    known_after_ = deltas_.front()->sequence;
    bytes_ -= bytes_of(*deltas_.front());
    deltas_.pop_front();
  }
}

/// The first after that one; sequences have no gaps.
std::deque<graph::DeltaRef>::const_iterator RecentDeltas::behind(graph::Sequence sequence) const {
  if (deltas_.empty() || sequence < deltas_.front()->sequence)
    return deltas_.begin();
  const graph::Sequence passed = sequence - deltas_.front()->sequence + 1;
  return passed >= deltas_.size() ? deltas_.end()
                                  : deltas_.begin() + static_cast<std::ptrdiff_t>(passed);
}

void RecentDeltas::drop_from(graph::Sequence sequence) {
  const std::lock_guard held(mutex_);
  while (!deltas_.empty() && deltas_.back()->sequence >= sequence) {
    bytes_ -= bytes_of(*deltas_.back());
    deltas_.pop_back();
  }
}

std::optional<Images> RecentDeltas::images_at(graph::Sequence at, graph::Sequence since) const {
  const std::lock_guard held(mutex_);
  const graph::Sequence first = std::min(at, since);
  if (first < known_after_)
    return std::nullopt;
  Images images;
  for (auto later = behind(first); later != deltas_.end(); ++later) {
    const graph::DeltaRef& delta = *later;
    for (const graph::Delta::Change& change : delta->changes)
      if (delta->sequence <= at)
        images.insert_or_assign(change.key, change.after);
      else // the first later commit tells what was there before it
        images.try_emplace(change.key, change.before);
  }
  return images;
}

std::map<graph::ClaimName, std::optional<graph::Claim>>
RecentDeltas::claims_at(graph::Sequence at, graph::Sequence since) const {
  const std::lock_guard held(mutex_);
  std::map<graph::ClaimName, std::optional<graph::Claim>> claims;
  for (auto later = behind(std::min(at, since)); later != deltas_.end(); ++later) {
    const graph::DeltaRef& delta = *later;
    const bool is_later = delta->sequence > at;
    // Releases come before takes; what was held before a later commit is what it released.
    for (const graph::Claim& claim : delta->released)
      note_claim(claims, claim, false, is_later);
    for (const graph::Claim& claim : delta->taken)
      note_claim(claims, claim, true, is_later);
  }
  return claims;
}

bool RecentDeltas::touched(const graph::Footprint& footprint,
                           const std::vector<graph::Change>& written, graph::Sequence pinned,
                           const graph::Schema& schema) const {
  const std::lock_guard held(mutex_);
  if (pinned < known_after_)
    return true;
  const auto later = behind(pinned);
  if (later == deltas_.end())
    return false;
  const auto conflicts = graph::Conflicts::of(footprint, schema);
  if (!conflicts)
    return true;
  std::vector<graph::KeyView> keys;
  keys.reserve(written.size());
  for (const graph::Change& change : written)
    keys.emplace_back(change.key);
  std::sort(keys.begin(), keys.end());
  return std::any_of(later, deltas_.end(), [&](const graph::DeltaRef& delta) {
    const auto meets_claim = [&](const graph::Claim& claim) {
      return conflicts->meets_claim(claim.scope, claim.key);
    };
    return delta->replaced_schema ||
           std::any_of(delta->changes.begin(), delta->changes.end(),
                       [&](const graph::Delta::Change& change) {
                         return std::binary_search(keys.begin(), keys.end(),
                                                   graph::KeyView(change.key)) ||
                                conflicts->meets(change.key, change.before, change.after);
                       }) ||
           std::any_of(delta->taken.begin(), delta->taken.end(), meets_claim) ||
           std::any_of(delta->released.begin(), delta->released.end(), meets_claim);
  });
}

std::optional<std::vector<graph::DeltaRef>> RecentDeltas::from(graph::Sequence sequence,
                                                               graph::Sequence upto) const {
  const std::lock_guard held(mutex_);
  if (sequence <= known_after_)
    return std::nullopt;
  std::vector<graph::DeltaRef> found;
  for (auto delta = behind(sequence - 1); delta != deltas_.end() && (*delta)->sequence <= upto;
       ++delta)
    found.push_back(*delta);
  return found;
}

} // namespace diffo::neo4j
