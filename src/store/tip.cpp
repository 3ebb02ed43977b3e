#include "store/tip.h"

#include "base/byte_order.h"
#include "graph/change_checks.h"
#include "graph/entry_delta.h"
#include "graph/packed.h"
#include "store/history.h"
#include "store/sealed_value.h"
#include "store/stored_words.h"

#include <algorithm>
#include <utility>

namespace diffo::store {
namespace {

using graph::Change;
using graph::RecordRef;

} // namespace

std::string encode_head(const Head& head) {
  std::string out;
  append_big_endian(out, head.sequence);
  append_big_endian(out, static_cast<std::uint64_t>(head.time));
  out.append(reinterpret_cast<const char*>(head.hash.data()), head.hash.size());
  append_big_endian(out, head.kept_bytes);
  append_big_endian(out, head.record_count);
  append_big_endian(out, head.record_digest);
  append_big_endian(out, head.claim_digest);
  append_big_endian(out, head.batches);
  return with_checksum(head_key, out);
}

Result<Head> decode_head(std::string_view stored) {
  const std::string_view bytes = TRY(without_checksum(head_key, stored, "the head of the journal"));
  Head head;
  if (bytes.size() != 7 * sizeof(std::uint64_t) + head.hash.size())
    return Error{ErrorCode::corrupt, "the head of the journal has the wrong size"};
  std::size_t at = 0;
  const auto next = [&] {
    return big_endian(
        bytes.substr(std::exchange(at, at + sizeof(std::uint64_t)), sizeof(std::uint64_t)));
  };
  head.sequence = next();
  head.time = static_cast<std::int64_t>(next());
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), head.hash.size(),
              reinterpret_cast<char*>(head.hash.data()));
  at += head.hash.size();
  head.kept_bytes = next();
  head.record_count = next();
  head.record_digest = next();
  head.claim_digest = next();
  head.batches = next();
  return head;
}

std::string record_key(const graph::KeyView& key) {
  std::string out;
  append_big_endian(out, key.tenant);
  out += static_cast<char>(key.family);
  out += key.id;
  return out;
}

std::string journal_key(graph::Sequence sequence) {
  std::string out;
  append_big_endian(out, sequence);
  return out;
}

Result<graph::Sequence> sequence_of(std::string_view key) {
  if (key.size() != sizeof(graph::Sequence))
    return Error{ErrorCode::corrupt, "a journal entry has a key of the wrong size"};
  return big_endian(key);
}

Prepared prepare(const State& state, const graph::Schema& schema, graph::ChangeSet& changes) {
  Prepared prepared;
  if (changes.replace_schema && !same_keys(*changes.replace_schema, schema))
    prepared.aside = std::make_unique<KeysAside>(changes.replace_schema, state);
  const graph::Schema& used = changes.replace_schema ? *changes.replace_schema : schema;
  prepared.changes.reserve(changes.changes.size());
  for (Change& change : changes.changes)
    prepared.changes.push_back(prepare(used, state.find(change.key), change, times_of(changes)));
  return prepared;
}

Tip::Tip(std::shared_ptr<const graph::Schema> schema, const Clock& clock, IdentityTable& identities,
         State state, Head head, TextMap<ImageNumber> images, Limits limits)
    : schema_(std::move(schema)), clock_(clock), model_(graph::model_hash(*schema_)),
      identities_(identities), editor_(*schema_, identities), state_(std::move(state)), head_(head),
      images_(std::move(images)), limits_(limits) {}

/// Each record and each commit gets a microsecond of its own, also when the clock stands or goes
/// back.
std::int64_t Tip::next_time() {
  head_.time = std::max(head_.time + 1, clock_.now().microseconds);
  return head_.time;
}

Result<void> Tip::check(const graph::Context& context, const graph::ChangeSet& changes) const {
  if (changes.replace_schema)
    TRY(check_schema(*changes.replace_schema));
  TRY(graph::check_changes(
      context, changes, changes.replace_schema ? *changes.replace_schema : *schema_,
      limits_.max_changes,
      [this](const graph::KeyView& key) { return static_cast<bool>(state_.find(key)); }));
  if (changes.keep_times)
    TRY(check_times(changes));
  return check_room(changes);
}

/// Ordinals are given in the order of creation, and their order is that of the times, and of the
/// keys where those are equal.
Result<void> Tip::check_times(const graph::ChangeSet& changes) const {
  const graph::Record* last = nullptr;
  for (Ordinal next = state_.next_ordinal; next > 0 && last == nullptr; --next)
    last = state_.records.get(next - 1);
  for (const Change& change : changes.changes) {
    if (!change.after)
      continue;
    if (const RecordRef present = state_.find(change.key)) {
      if (present->created_at() != change.after->created_at())
        return Error{ErrorCode::invalid,
                     "record " + change.key.id + " was created at another time"};
      continue;
    }
    if (last != nullptr && (last->created_at() > change.after->created_at() ||
                            (last->created_at() == change.after->created_at() &&
                             !(last->key() < change.after->key()))))
      return Error{ErrorCode::invalid,
                   "record " + change.key.id + " was created before others that are there"};
    last = change.after.get();
  }
  return {};
}

/// At a limit, what names nothing new can still be written, and anything be erased.
Result<void> Tip::check_room(const graph::ChangeSet& changes) const {
  const bool many_records = state_.record_count >= limits_.max_ordinals - changes.changes.size();
  if (identities_.size() < limits_.max_identities && !many_records)
    return {};
  const graph::Schema& schema = changes.replace_schema ? *changes.replace_schema : *schema_;
  const IdentityOf known = [this](const graph::KeyView& key) { return identities_.find_used(key); };
  std::vector<ReverseEdge> edges;
  for (const Change& change : changes.changes)
    if (change.after && (!known(change.key) || (many_records && !state_.find(change.key)) ||
                         !add_edges(schema, *change.after, 0, known, edges)))
      return Error{ErrorCode::too_large, "the store knows as many identities as it may"};
  return {};
}

/// The new one reads all that is there, and all of it is found with it.
Result<void> Tip::check_schema(const graph::Schema& schema) const {
  if (!schema.dictionary().continues(schema_->dictionary()))
    return Error{ErrorCode::invalid, "the schema gives words other numbers than the present one"};
  if (const auto family = missing_family(state_, schema))
    return Error{ErrorCode::invalid, "the schema lacks family " + std::to_string(*family) +
                                         ", of which there are records"};
  return {};
}

void Tip::replace_schema(std::shared_ptr<const graph::Schema> schema,
                         std::unique_ptr<KeysAside> aside, graph::Sequence sequence,
                         DiskBatch& batch) {
  if (!aside && !same_keys(*schema, *schema_))
    aside = std::make_unique<KeysAside>(schema, state_);
  if (aside)
    state_.keys = aside->take();
  schema_ = std::move(schema);
  editor_.use(*schema_);
  model_ = graph::model_hash(*schema_);
  put_schema(batch, *schema_, sequence);
}

/// What is not the newest any more goes into history. An image stays where it lies: the row there
/// names it.
void Tip::supersede(const graph::KeyView& record, const std::string& key,
                    const graph::RecordRef& before, graph::JournalEntry& entry, DiskBatch& batch) {
  --head_.record_count;
  head_.record_digest -= digest_of(key, checksum_of(key, *before));
  entry.superseded_bytes += before->bytes().size();
  const std::string place = history_key(record, before->sequence());
  const auto image = images_.find(key);
  if (image == images_.end()) {
    batch.put(Table::history, place, before);
    return;
  }
  KeptImage kept{.number = image->second};
  batch.put(Table::history, place, encode_named(place, *before, kept.number));
  erase_kept_image(batch, kept);
  kept.superseded_by = entry.sequence;
  put_kept_image(batch, kept);
  images_.erase(image);
}

void Tip::put(const std::string& key, const graph::RecordRef& record,
              std::optional<Images::Written> image, DiskBatch& batch) {
  if (image) {
    const ImageNumber number = image->name();
    batch.put(Table::records, key, encode_named(key, *record, number));
    put_kept_image(batch, {.number = number});
    images_.emplace(key, number);
  } else {
    batch.put(Table::records, key, record);
  }
  ++head_.record_count;
  head_.record_digest += digest_of(key, checksum_of(key, *record));
}

graph::Delta::Change Tip::apply_one(Change& change, PreparedChange& prepared, Times times,
                                    graph::JournalEntry& entry, DiskBatch& batch) {
  const RecordRef before = prepared.before;
  const std::string key = record_key(change.key);
  if (before)
    supersede(change.key, key, before, entry, batch);
  graph::JournalEntry::Change noted{
      .key = change.key, .previous = before ? before->sequence() : 0, .content = {}};
  RecordRef after = std::move(change.after);
  if (after) {
    const std::int64_t time = next_time();
    // The time of creation is ours alone: it grows with each new record, so that the order by it is
    // the order of creation, also when the store is opened again.
    const std::int64_t created = before ? before->created_at() : time;
    if (times == Times::brought) {
      graph::stamp(after, entry.sequence, after->created_at(), after->updated_at());
      head_.time = std::max({head_.time, after->created_at(), after->updated_at()});
    } else {
      graph::stamp(after, entry.sequence, created, time);
    }
    noted.content = graph::content_hash(after->bytes(), prepared.body);
    put(key, after, std::move(prepared.image), batch);
  } else {
    batch.erase(Table::records, key);
    const std::string place = history_key(change.key, entry.sequence);
    batch.put(Table::history, place, with_checksum(place, {}));
    erased_.push_back(change.key);
  }
  editor_.apply(state_, change.key, after, prepared);
  entry.changes.push_back(std::move(noted));
  return {.key = change.key, .before = before, .after = std::move(after)};
}

Result<Applied> Tip::apply(const graph::Context& context, graph::ChangeSet changes,
                           Prepared prepared, DiskBatch& batch) {
  if (changes.empty())
    return Applied{.sequence = 0,
                   .time = context.now,
                   .records = std::move(changes.unchanged),
                   .delta = nullptr,
                   .touched = {}};
  TRY(check(context, changes));
  TRY(state_.claims.check(changes, context.now));
  if (state_.next_ordinal >= limits_.max_ordinals - changes.changes.size()) {
    editor_.renumber(state_);
    prepared.aside.reset();
  }

  graph::JournalEntry entry = graph::begin_entry(context, head_.sequence + 1, head_.hash);
  if (changes.replace_schema) {
    replace_schema(changes.replace_schema, std::move(prepared.aside), entry.sequence, batch);
    entry.replaced_schema = true;
  }
  entry.model = model_;
  Applied applied;
  applied.records.reserve(changes.changes.size());
  std::vector<graph::Delta::Change> told;
  told.reserve(changes.changes.size());
  prepared.changes.resize(changes.changes.size());
  for (std::size_t index = 0; index < changes.changes.size(); ++index) {
    Change& change = changes.changes[index];
    PreparedChange& one = prepared.changes[index];
    // Whoever decided without reading the record, or at the tip, has nothing that fits.
    if (RecordRef now = state_.find(change.key); !one.is_made || one.before != now) {
      auto image = std::move(one.image);
      one = prepare(*schema_, std::move(now), change, times_of(changes));
      one.image = std::move(image);
    }
    applied.touched.insert(applied.touched.end(), one.touched.begin(), one.touched.end());
    told.push_back(apply_one(change, one, times_of(changes), entry, batch));
    applied.records.push_back(told.back().after);
  }
  state_.claims.apply(changes, batch, entry.taken, entry.released);
  // What erases alone has stamped no record, and happens now all the same.
  const bool stamped = std::any_of(told.begin(), told.end(), [](const graph::Delta::Change& one) {
    return static_cast<bool>(one.after);
  });
  entry.time = stamped ? head_.time : next_time();

  const std::string bytes = graph::encode_entry(entry);
  batch.put(Table::journal, journal_key(entry.sequence), bytes);
  head_.sequence = entry.sequence;
  head_.hash = entry.hash;
  head_.kept_bytes += bytes.size() + entry.superseded_bytes;
  state_.sequence = entry.sequence;
  applied.sequence = entry.sequence;
  applied.time = entry.time;
  auto delta = graph::delta_without_changes(std::move(entry));
  delta->changes = std::move(told);
  applied.delta = std::move(delta);
  return applied;
}

void Tip::finish(DiskBatch& batch) {
  state_.claims.drop_lapsed(clock_.now().microseconds - 60'000'000, batch);
  if (batch.empty())
    return;
  head_.claim_digest = state_.claims.digest();
  ++head_.batches;
  batch.put(Table::meta, head_key, encode_head(head_));
}

} // namespace diffo::store
