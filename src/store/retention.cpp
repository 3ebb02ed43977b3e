#include "store/retention.h"

#include "store/history.h"

namespace diffo::store {
namespace {

bool is_bounded(const Retention& keep) {
  return keep.max_entries != 0 || keep.max_bytes != 0 || keep.max_age_microseconds != 0;
}

/// Whether the entry after `upto`, of that time, is to be kept.
bool is_kept(const Retention& keep, const SealedPrefix& upto, const Head& head, std::int64_t time,
             std::int64_t now) {
  return (keep.max_entries == 0 || head.sequence - upto.sequence <= keep.max_entries) &&
         (keep.max_bytes == 0 || head.kept_bytes - upto.bytes <= keep.max_bytes) &&
         (keep.max_age_microseconds == 0 || time > now - keep.max_age_microseconds);
}

void drop_images(const graph::JournalEntry& entry, DiskBatch& batch) {
  for (const graph::JournalEntry::Change& change : entry.changes) {
    if (change.previous != 0)
      batch.erase(Table::history, history_key(change.key, change.previous));
    if (!change.content)
      batch.erase(Table::history, history_key(change.key, entry.sequence));
  }
}

} // namespace

Result<Trim> plan_trim(const Disk& disk, const SealedPrefix& sealed, const Head& head,
                       const Retention& keep, std::int64_t now, std::uint64_t most_bytes) {
  Trim trim;
  trim.upto = sealed;
  if (!is_bounded(keep))
    return trim;
  TRY(disk.for_each(Table::journal, journal_key(sealed.sequence + 1),
                    [&](std::string_view, std::string_view bytes) -> Result<bool> {
                      // The bounds on number and bytes are known without looking into the entry.
                      if (keep.max_age_microseconds == 0 && is_kept(keep, trim.upto, head, 0, now))
                        return false;
                      if (keep.max_age_microseconds != 0 &&
                          is_kept(keep, trim.upto, head, TRY(graph::time_of_entry(bytes)), now))
                        return false;
                      trim.more = trim.upto.bytes - sealed.bytes >= most_bytes;
                      if (trim.more)
                        return false;
                      const graph::JournalEntry entry = TRY(graph::decode_entry_unverified(bytes));
                      if (entry.sequence >= head.sequence)
                        return false;
                      drop_images(entry, trim.batch);
                      trim.upto = {.sequence = entry.sequence,
                                   .hash = entry.hash,
                                   .bytes =
                                       trim.upto.bytes + bytes.size() + entry.superseded_bytes};
                      return true;
                    }));
  if (trim.upto.sequence == sealed.sequence)
    return trim;
  trim.batch.erase_range(Table::journal, journal_key(sealed.sequence + 1),
                         journal_key(trim.upto.sequence + 1));
  trim.images = TRY(erase_kept_images(disk, trim.upto.sequence, trim.batch));
  trim.batch.put(Table::meta, sealed_key, encode_sealed(trim.upto));
  return trim;
}

} // namespace diffo::store
