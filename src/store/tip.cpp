#include "store/tip.h"

#include "base/text_hash.h"
#include "graph/packed.h"
#include "store/history.h"
#include "store/sealed_value.h"

#include <algorithm>
#include <utility>

namespace diffo::store {
namespace {

using graph::Change;
using graph::RecordRef;

void append_u64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

std::string text_of(const graph::KeyView& key) {
  return "record " + std::string(key.id);
}

/// What is not the newest any more goes into history; an erasure is an empty image.
void keep_image(const graph::KeyView& key, graph::Sequence sequence, std::string_view bytes,
                DiskBatch& batch) {
  const std::string place = history_key(key, sequence);
  batch.put(Table::history, place, with_checksum(place, bytes));
}

} // namespace

std::string encode_head(const Head& head) {
  std::string out;
  append_u64(out, head.sequence);
  append_u64(out, static_cast<std::uint64_t>(head.time));
  out.append(reinterpret_cast<const char*>(head.hash.data()), head.hash.size());
  append_u64(out, head.kept_bytes);
  append_u64(out, head.record_count);
  append_u64(out, head.record_digest);
  append_u64(out, head.claim_digest);
  append_u64(out, head.batches);
  return with_checksum(head_key, out);
}

Result<Head> decode_head(std::string_view stored) {
  const std::string_view bytes = TRY(without_checksum(head_key, stored, "the head of the journal"));
  Head head;
  if (bytes.size() != 7 * sizeof(std::uint64_t) + head.hash.size())
    return Error{ErrorCode::corrupt, "the head of the journal has the wrong size"};
  std::size_t at = 0;
  const auto next = [&] {
    std::uint64_t value = 0;
    for (const std::size_t end = at + 8; at < end; ++at)
      value = value << 8 | static_cast<unsigned char>(bytes[at]);
    return value;
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
  append_u32(out, key.tenant);
  out += static_cast<char>(key.family);
  out += key.id;
  return out;
}

std::string journal_key(graph::Sequence sequence) {
  std::string out;
  append_u64(out, sequence);
  return out;
}

Result<graph::Sequence> sequence_of(std::string_view key) {
  if (key.size() != sizeof(graph::Sequence))
    return Error{ErrorCode::corrupt, "a journal entry has a key of the wrong size"};
  graph::Sequence sequence = 0;
  for (const char c : key)
    sequence = sequence << 8 | static_cast<unsigned char>(c);
  return sequence;
}

Tip::Tip(const graph::Schema& schema, const Clock& clock, const graph::Hash& model,
         IdentityTable& identities, State state, Head head, Limits limits)
    : schema_(schema), clock_(clock), model_(model), identities_(identities),
      editor_(schema, identities), state_(std::move(state)), head_(head), limits_(limits) {}

/// Each record and each commit gets a microsecond of its own, also when the clock stands or goes
/// back.
std::int64_t Tip::next_time() {
  head_.time = std::max(head_.time + 1, clock_.now().microseconds);
  return head_.time;
}

Result<void> Tip::check(const graph::Context& context, const graph::ChangeSet& changes) const {
  if (changes.changes.size() > limits_.max_changes)
    return Error{ErrorCode::too_large, "one change set may change at most " +
                                           std::to_string(limits_.max_changes) + " records"};
  TextSet seen;
  for (const Change& change : changes.changes) {
    if (change.key.id.empty() || change.key.id.size() > max_id_bytes)
      return Error{ErrorCode::invalid, "an id has 1 to " + std::to_string(max_id_bytes) + " bytes",
                   "id"};
    // Whatever rule or surface let it pass: a foreign tenant's record is not found.
    if (change.key.tenant != context.principal.tenant)
      return Error{ErrorCode::not_found, text_of(change.key) + " does not exist"};
    if (schema_.family(change.key.family) == nullptr)
      return Error{ErrorCode::internal,
                   "no family " + std::to_string(change.key.family) + " is declared"};
    if (changes.changes.size() > 1 && !seen.insert(record_key(change.key)).second)
      return Error{ErrorCode::internal, text_of(change.key) + " is changed twice at once"};
    if (change.after && change.after->key() != change.key)
      return Error{ErrorCode::internal, text_of(change.key) + " has another key inside"};
    if (!change.after && !state_.find(change.key))
      return Error{ErrorCode::not_found, text_of(change.key) + " does not exist"};
  }
  return check_room(changes);
}

/// At a limit, what names nothing new can still be written, and anything be erased.
Result<void> Tip::check_room(const graph::ChangeSet& changes) const {
  const bool many_records = state_.record_count >= limits_.max_ordinals - changes.changes.size();
  if (identities_.size() < limits_.max_identities && !many_records)
    return {};
  const IdentityOf known = [this](const graph::KeyView& key) { return identities_.find_used(key); };
  std::vector<ReverseEdge> edges;
  for (const Change& change : changes.changes)
    if (change.after && (!known(change.key) || (many_records && !state_.find(change.key)) ||
                         !add_edges(schema_, *change.after, 0, known, edges)))
      return Error{ErrorCode::too_large, "the store knows as many identities as it may"};
  return {};
}

graph::Delta::Change Tip::apply_one(Change& change, graph::JournalEntry& entry, DiskBatch& batch) {
  RecordRef before = state_.find(change.key);
  const std::string key = record_key(change.key);
  if (before) {
    --head_.record_count;
    head_.record_digest -= digest_of(key, before->bytes());
    keep_image(change.key, before->sequence(), before->bytes(), batch);
    entry.superseded_bytes += before->bytes().size();
  }
  graph::JournalEntry::Change noted{
      .key = change.key, .previous = before ? before->sequence() : 0, .content = {}};
  RecordRef after = std::move(change.after);
  if (after) {
    const std::int64_t time = next_time();
    // The time of creation is ours alone: it grows with each new record, so that the order by it is
    // the order of creation, also when the store is opened again.
    const std::int64_t created = before ? before->created_at() : time;
    graph::stamp(after, entry.sequence, created, time);
    noted.content = graph::content_hash(after->bytes());
    batch.put(Table::records, key, with_checksum(key, after->bytes()));
    ++head_.record_count;
    head_.record_digest += digest_of(key, after->bytes());
  } else {
    batch.erase(Table::records, key);
    keep_image(change.key, entry.sequence, {}, batch);
    erased_.push_back(change.key);
  }
  editor_.apply(state_, change.key, after);
  entry.changes.push_back(std::move(noted));
  return {.key = change.key, .before = std::move(before), .after = std::move(after)};
}

Result<Applied> Tip::apply(const graph::Context& context, graph::ChangeSet changes,
                           DiskBatch& batch) {
  if (changes.empty())
    return Applied{.sequence = 0,
                   .time = context.now,
                   .records = std::move(changes.unchanged),
                   .delta = nullptr};
  TRY(check(context, changes));
  TRY(state_.claims.check(changes, context.now));
  if (state_.next_ordinal >= limits_.max_ordinals - changes.changes.size())
    editor_.renumber(state_);

  graph::JournalEntry entry;
  entry.sequence = head_.sequence + 1;
  entry.branch = context.principal.branch;
  entry.parent = head_.hash;
  entry.tenant = context.principal.tenant;
  entry.actor = context.principal.actor;
  entry.cause = context.cause;
  entry.idempotency_key = context.idempotency_key;
  entry.model = model_;
  Applied applied;
  applied.records.reserve(changes.changes.size());
  auto delta = std::make_shared<graph::Delta>();
  delta->changes.reserve(changes.changes.size());
  for (Change& change : changes.changes) {
    delta->changes.push_back(apply_one(change, entry, batch));
    applied.records.push_back(delta->changes.back().after);
  }
  state_.claims.apply(changes, batch, entry.taken, entry.released);
  entry.time = changes.changes.empty() ? next_time() : head_.time;

  const std::string bytes = graph::encode_entry(entry);
  batch.put(Table::journal, journal_key(entry.sequence), bytes);
  head_.sequence = entry.sequence;
  head_.hash = entry.hash;
  head_.kept_bytes += bytes.size() + entry.superseded_bytes;
  state_.sequence = entry.sequence;
  applied.sequence = entry.sequence;
  applied.time = entry.time;
  delta->sequence = entry.sequence;
  delta->time = entry.time;
  delta->tenant = entry.tenant;
  delta->actor = std::move(entry.actor);
  delta->cause = std::move(entry.cause);
  delta->branch = std::move(entry.branch);
  delta->idempotency_key = std::move(entry.idempotency_key);
  delta->taken = std::move(entry.taken);
  delta->released = std::move(entry.released);
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
