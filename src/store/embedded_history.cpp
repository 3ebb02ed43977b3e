#include "store/embedded_core.h"
#include "store/history.h"
#include "store/images.h"

#include <algorithm>
#include <utility>

/// What the embedded store tells of its past: journal and earlier versions.
namespace diffo::store {
namespace {

Error gone(const char* what, graph::Sequence oldest) {
  return {ErrorCode::gone,
          std::string(what) + ": the journal is kept from entry " + std::to_string(oldest) + " on"};
}

} // namespace

graph::Sequence EmbeddedStore::oldest_entry() const {
  return core_->sealed().sequence + 1;
}

Result<std::vector<graph::JournalEntry>> EmbeddedStore::journal(graph::Sequence from,
                                                                std::size_t limit) const {
  std::vector<graph::JournalEntry> entries;
  const graph::Sequence newest = core_->newest()->sequence();
  if (limit == 0 || from > newest)
    return entries;
  from = std::max<graph::Sequence>(from, 1);
  TRY(core_->disk().for_each(Table::journal, journal_key(from),
                             [&](std::string_view key, std::string_view bytes) -> Result<bool> {
                               if (TRY(sequence_of(key)) > newest)
                                 return false;
                               entries.push_back(TRY(graph::decode_entry(bytes)));
                               return entries.size() < limit;
                             }));
  // Looked at last: what is dropped is announced before it goes.
  if (const graph::Sequence oldest = oldest_entry(); from < oldest)
    return gone("entries are missing", oldest);
  return entries;
}

Result<graph::RecordRef> EmbeddedStore::at(const graph::KeyView& key,
                                           graph::Sequence sequence) const {
  const auto revision = core_->newest();
  if (sequence > revision->sequence())
    return Error{ErrorCode::invalid,
                 "the newest commit is " + std::to_string(revision->sequence())};
  graph::RecordRef record = revision->find(key);
  if (!record || record->sequence() > sequence) {
    const auto versions = TRY(history(key, sequence + 1, 1));
    record = versions.empty() ? graph::RecordRef() : versions.front().record;
  }
  if (const graph::Sequence oldest = oldest_entry(); sequence + 1 < oldest)
    return gone("the version is not kept any more", oldest);
  return record;
}

Result<graph::Sequence> EmbeddedStore::sequence_at(std::int64_t time) const {
  const graph::Sequence oldest = oldest_entry();
  graph::Sequence low = oldest; // all before are not later than the time
  graph::Sequence high = core_->newest()->sequence() + 1;
  while (low < high) {
    const graph::Sequence middle = low + (high - low) / 2;
    const auto bytes = TRY(core_->disk().get(Table::journal, journal_key(middle)));
    if (!bytes)
      return gone("the time is too long ago", oldest_entry());
    if (TRY(graph::time_of_entry(*bytes)) <= time)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == oldest && oldest > 1)
    return gone("the time is too long ago", oldest);
  return low - 1;
}

Result<std::vector<graph::Version>>
EmbeddedStore::history(const graph::KeyView& key, graph::Sequence before, std::size_t limit) const {
  std::vector<graph::Version> versions;
  const auto revision = core_->newest();
  // What is on disk may be ahead of the revision, and behind the retention for a moment.
  const graph::Sequence kept_from = core_->sealed().sequence;
  graph::Sequence last = before == 0 ? revision->sequence() : before - 1;
  last = std::min(last, revision->sequence());
  if (limit == 0 || last < kept_from || key.id.size() > max_id_bytes)
    return versions;
  if (const graph::RecordRef newest = revision->find(key); newest && newest->sequence() <= last) {
    versions.push_back({newest->sequence(), newest});
    last = newest->sequence() - 1;
  }
  if (versions.size() == limit || last == 0 ||
      (!versions.empty() && versions.front().sequence <= kept_from))
    return versions;
  // Keeps the images that the rows name.
  const auto snapshot = core_->disk().snapshot();
  struct Row {
    std::string place, stored;
    graph::Sequence sequence = 0;
  };
  std::vector<Row> rows;
  const std::string prefix = history_prefix(key);
  TRY(core_->disk().for_each(
      Table::history, history_key(key, last),
      [&](std::string_view place, std::string_view stored) -> Result<bool> {
        if (!place.starts_with(prefix))
          return false;
        const graph::Sequence sequence = TRY(history_place(place)).sequence;
        rows.push_back({std::string(place), std::string(stored), sequence});
        // The first that is not younger than what is kept is what was there then.
        return sequence > kept_from && versions.size() + rows.size() < limit;
      },
      snapshot.get()));
  for (const Row& row : rows) {
    graph::RecordRef record = TRY(load_row(core_->disk(), row.place, row.stored,
                                           schema().dictionary(), "an earlier version"))
                                  .record;
    if (record || row.sequence > kept_from)
      versions.push_back({row.sequence, std::move(record)});
  }
  return versions;
}

void EmbeddedStore::save_cursor(std::string_view consumer, graph::Sequence sequence) {
  core_->save_cursor(consumer, sequence);
}

std::optional<graph::Sequence> EmbeddedStore::cursor(std::string_view consumer) const {
  return core_->cursors.with([&](const auto& all) -> std::optional<graph::Sequence> {
    const auto found = all.find(std::string(consumer));
    return found == all.end() ? std::nullopt : std::optional(found->second);
  });
}

void EmbeddedStore::forget_cursor(std::string_view consumer) {
  core_->forget_cursor(consumer);
}

void EmbeddedStore::note_seen(const graph::KeyView& record, std::string_view source,
                              std::int64_t at) {
  core_->note_seen(record, {std::string(source), at});
}

Result<void> EmbeddedStore::keep_seen() {
  if (!core_->run_between_batches([] {}))
    return Error{ErrorCode::unavailable, "the store has stopped"};
  const std::string reason = core_->read_only_reason();
  if (!reason.empty())
    return Error{ErrorCode::unavailable, "the store is read-only: " + reason};
  return {};
}

Result<std::vector<graph::Sighting>> EmbeddedStore::seen(const graph::KeyView& record) const {
  return core_->seen(record);
}

} // namespace diffo::store
