#include "store/loaded_state.h"

#include "base/byte_order.h"
#include "store/sealed_value.h"
#include "store/side_tables.h"
#include "store/stored_words.h"

#include <algorithm>
#include <random>
#include <utility>

namespace diffo::store {
namespace {

using graph::RecordRef;

constexpr std::string_view tenant_space = "tenant/";

Error corrupt(std::string message) {
  return {ErrorCode::corrupt, std::move(message)};
}

Result<void> load_meta(const Disk& disk, LoadedState& loaded) {
  loaded.tenants.emplace_back();
  return disk.for_each(
      Table::meta, {}, [&](std::string_view key, std::string_view stored) -> Result<bool> {
        if (key == head_key) {
          loaded.head = TRY(decode_head(stored));
        } else if (key == sealed_key) {
          loaded.sealed = TRY(decode_sealed(stored));
        } else if (key == tenant_key(static_cast<graph::Tenant>(loaded.tenants.size()))) {
          loaded.tenants.emplace_back(TRY(without_checksum(key, stored, "a tenant's name")));
        } else if (key.starts_with(cursor_space)) {
          loaded.cursors.emplace(key.substr(cursor_space.size()), TRY(decode_cursor(key, stored)));
        } else if (key.starts_with(image_space)) {
          loaded.images.push_back(TRY(decode_kept_image(key, stored)).number);
        } else if (key != words_key && key != schema_key) {
          return corrupt("there is an unknown entry among the settings");
        }
        return true;
      });
}

Result<ClaimSet> load_claims(const Disk& disk, const Head& head) {
  ClaimSet claims;
  TRY(disk.for_each(Table::claims, {},
                    [&](std::string_view key, std::string_view stored) -> Result<bool> {
                      TRY(claims.load(key, stored));
                      return true;
                    }));
  if (claims.digest() != head.claim_digest)
    return corrupt("claims are missing, or there are too many");
  return claims;
}

/// Reads the records in the order of their keys.
Result<std::vector<RecordRef>> load_records(const Disk& disk, LoadedState& loaded) {
  std::vector<RecordRef> records;
  std::uint64_t digest = 0;
  TRY(for_each_row(
      disk, Table::records, [&](std::string_view key, std::string_view stored) -> Result<bool> {
        auto [record, image] =
            TRY(load_row(disk, key, stored, loaded.schema->dictionary(), "a stored record"));
        if (!record || record_key(record->key()) != key)
          return corrupt("a stored record stands under another key");
        digest += digest_of(key, checksum_of(key, *record));
        if (image)
          loaded.images_by_record.emplace(key, *image);
        records.push_back(std::move(record));
        return true;
      }));
  if (records.size() != loaded.head.record_count || digest != loaded.head.record_digest)
    return corrupt(
        "records are missing, outdated, or there are too many: " + std::to_string(records.size()) +
        " instead of " + std::to_string(loaded.head.record_count));
  return records;
}

} // namespace

std::string encode_sealed(const SealedPrefix& sealed) {
  std::string out = journal_key(sealed.sequence);
  out.append(reinterpret_cast<const char*>(sealed.hash.data()), sealed.hash.size());
  out += journal_key(sealed.bytes);
  return with_checksum(sealed_key, out);
}

Result<SealedPrefix> decode_sealed(std::string_view stored) {
  const std::string_view bytes =
      TRY(without_checksum(sealed_key, stored, "the end of the dropped journal"));
  SealedPrefix sealed;
  if (bytes.size() != 2 * sizeof(std::uint64_t) + sealed.hash.size())
    return corrupt("the end of the dropped journal has the wrong size");
  sealed.sequence = TRY(sequence_of(bytes.substr(0, 8)));
  std::copy_n(bytes.begin() + 8, sealed.hash.size(), reinterpret_cast<char*>(sealed.hash.data()));
  sealed.bytes = TRY(sequence_of(bytes.substr(8 + sealed.hash.size())));
  return sealed;
}

std::string tenant_key(graph::Tenant tenant) {
  std::string key(tenant_space);
  append_big_endian(key, tenant);
  return key;
}

Result<LoadedState> load_state(const Disk& disk, const SchemaSource& source) {
  LoadedState loaded;
  std::random_device random;
  loaded.identities =
      std::make_unique<IdentityTable>(std::uint64_t{random()} << 32 | std::uint64_t{random()});
  // The words come first: records are read with them.
  const std::vector<std::string> words = TRY(load_words(disk));
  loaded.words = words.size();
  loaded.schema = TRY(load_schema(disk, source, words));
  const graph::Schema& schema = *loaded.schema;
  TRY(load_meta(disk, loaded));
  ClaimSet claims = TRY(load_claims(disk, loaded.head));
  TRY(disk.for_each(Table::seen, {}, [&](std::string_view, std::string_view) -> Result<bool> {
    loaded.has_seen = true;
    return false;
  }));
  auto records = TRY(load_records(disk, loaded));
  loaded.state = StateEditor(schema, *loaded.identities).build(records);
  loaded.state.sequence = loaded.head.sequence;
  loaded.state.claims = std::move(claims);
  return loaded;
}

Result<void> compare_with_mark(const Disk& disk, const LoadedState& loaded,
                               const std::optional<AcknowledgedMark::Content>& mark) {
  const Head& head = loaded.head;
  const auto compare = [&](graph::Sequence sequence, const graph::Hash& hash) -> Result<void> {
    if (sequence == 0 || sequence <= loaded.sealed.sequence)
      return {};
    const auto bytes = TRY(disk.get(Table::journal, journal_key(sequence)));
    if (!bytes)
      return corrupt("the journal lacks entry " + std::to_string(sequence));
    if (TRY(graph::decode_entry(*bytes)).hash != hash)
      return corrupt("journal entry " + std::to_string(sequence) + " is not the one acknowledged");
    return {};
  };
  TRY(compare(head.sequence, head.hash));
  if (!mark)
    return {};
  if (mark->sequence > head.sequence)
    return corrupt("acknowledged commits are missing: " + std::to_string(mark->sequence) +
                   " was the last, " + std::to_string(head.sequence) + " is the last found");
  if (mark->batch > head.batches)
    return corrupt("acknowledged writes are missing: there were " + std::to_string(mark->batch) +
                   " batches, " + std::to_string(head.batches) + " are found");
  return compare(mark->sequence, mark->hash);
}

} // namespace diffo::store
