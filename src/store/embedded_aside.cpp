#include "store/embedded_core.h"

#include "store/side_tables.h"

#include <algorithm>
#include <utility>

/// What has no sequence of its own and goes with the next batch: cursors, and who has seen what.
namespace diffo::store {
namespace {

constexpr std::size_t largest_aside_bytes = std::size_t{256} << 10;

void raise(std::vector<Seen>& sightings, const Seen& seen) {
  const auto known = std::find_if(sightings.begin(), sightings.end(),
                                  [&](const Seen& one) { return one.source == seen.source; });
  if (known == sightings.end())
    sightings.push_back(seen);
  else
    known->at = std::max(known->at, seen.at);
}

} // namespace

void EmbeddedStore::Core::write_aside(const std::function<void(DiskBatch&)>& put) {
  const bool large = aside_.with([&](DiskBatch& batch) {
    put(batch);
    return batch.bytes() > largest_aside_bytes;
  });
  if (!large)
    return;
  // A batch is ended before anything is done between batches.
  Job wake;
  wake.between = [] {};
  (void)submit(wake);
}

void EmbeddedStore::Core::note_seen(const graph::KeyView& record, const Seen& seen) {
  if (has_seen_) {
    const auto known = find_seen(*disk_, record, seen.source);
    if (known && *known >= seen.at)
      return;
  }
  has_seen_ = true;
  // Under the lock, so that it is in one batch with what is aside.
  noted_.with([&](Noted& noted) {
    std::vector<Seen>& sightings = noted.aside[graph::Key(record)];
    const auto newer = std::find_if(sightings.begin(), sightings.end(), [&](const Seen& one) {
      return one.source == seen.source && one.at >= seen.at;
    });
    if (newer != sightings.end())
      return;
    raise(sightings, seen);
    write_aside([&](DiskBatch& batch) { put_seen(batch, record, seen); });
  });
}

Result<std::vector<Seen>> EmbeddedStore::Core::seen(const graph::KeyView& record) const {
  std::vector<Seen> all;
  noted_.with([&](const Noted& noted) {
    for (const Noted::Sightings* sightings : {&noted.in_batch, &noted.aside})
      if (const auto found = sightings->find(record); found != sightings->end())
        for (const Seen& one : found->second)
          raise(all, one);
  });
  if (has_seen_)
    for (const Seen& one : TRY(find_seen(*disk_, record)))
      raise(all, one);
  std::sort(all.begin(), all.end(),
            [](const Seen& a, const Seen& b) { return a.source < b.source; });
  return all;
}

void EmbeddedStore::Core::save_cursor(std::string_view consumer, graph::Sequence sequence) {
  cursors.lock()->insert_or_assign(std::string(consumer), sequence);
  write_aside([&](DiskBatch& batch) {
    const std::string key = cursor_key(consumer);
    batch.put(Table::meta, key, encode_cursor(key, sequence));
  });
}

void EmbeddedStore::Core::forget_cursor(std::string_view consumer) {
  cursors.lock()->erase(std::string(consumer));
  write_aside([&](DiskBatch& batch) { batch.erase(Table::meta, cursor_key(consumer)); });
}

/// Adds what waits aside to the batch, and drops what belongs to erased
/// records.
void EmbeddedStore::Core::take_aside() {
  noted_.with([this](Noted& noted) {
    aside_.with([this](DiskBatch& aside) { batch_.append(aside); });
    for (auto& [key, sightings] : std::exchange(noted.aside, {}))
      for (const Seen& one : sightings)
        raise(noted.in_batch[key], one);
  });
  const std::vector<graph::Key> erased = tip_->take_erased();
  if (!has_seen_)
    return;
  for (const graph::Key& key : erased)
    if (const auto dropped = drop_seen(*disk_, key, batch_); !dropped && options.log != nullptr)
      options.log->warning("cannot drop when a record was seen",
                           {{"reason", dropped.error().text()}});
}

} // namespace diffo::store
