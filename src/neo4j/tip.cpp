#include "neo4j/tip.h"

#include "graph/change_checks.h"
#include "graph/entry_delta.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace diffo::neo4j {
namespace {

constexpr std::size_t most_changes = 20'000;

} // namespace

Tip::Tip(const Clock& clock, std::shared_ptr<const graph::Schema> schema, Head head)
    : clock_(clock), schema_(std::move(schema)), head_(head) {}

void Tip::reset(std::shared_ptr<const graph::Schema> schema, Head head) {
  schema_ = std::move(schema);
  head_ = head;
}

/// Each record and each commit gets a microsecond of its own, also when the clock stands or goes
/// back.
std::int64_t Tip::next_time() {
  head_.time = std::max(head_.time + 1, clock_.now().microseconds);
  return head_.time;
}

Result<void> Tip::check(const graph::Context& context, const graph::ChangeSet& changes,
                        const Present& present) const {
  if (changes.replace_schema &&
      !changes.replace_schema->dictionary().continues(schema_->dictionary()))
    return Error{ErrorCode::invalid, "the schema gives words other numbers than the present one"};
  TRY(graph::check_changes(
      context, changes, changes.replace_schema ? *changes.replace_schema : *schema_, most_changes,
      [&present](const graph::KeyView& key) { return static_cast<bool>(present.find(key)); }));
  return graph::check_claims(changes, context.now, present.holder);
}

graph::Delta::Change Tip::apply_one(graph::Change& change, const Present& present,
                                    const graph::ChangeSet& changes, graph::JournalEntry& entry) {
  const graph::RecordRef before = present.find(change.key);
  graph::JournalEntry::Change noted{
      .key = change.key, .previous = before ? before->sequence() : 0, .content = {}};
  if (before)
    entry.superseded_bytes += before->bytes().size();
  graph::RecordRef after = std::move(change.after);
  if (after) {
    const std::int64_t time = next_time();
    const std::int64_t brought = changes.keep_creation ? after->created_at() : 0;
    const std::int64_t created = brought == 0 ? time : std::min(brought, time);
    if (changes.keep_times) {
      graph::stamp(after, entry.sequence, after->created_at(), after->updated_at());
      head_.time = std::max({head_.time, after->created_at(), after->updated_at()});
    } else {
      graph::stamp(after, entry.sequence, before ? before->created_at() : created, time);
    }
    noted.content = graph::content_hash(after->bytes());
  }
  entry.changes.push_back(std::move(noted));
  return {.key = change.key, .before = before, .after = std::move(after)};
}

Result<Applied> Tip::apply(const graph::Context& context, graph::ChangeSet changes,
                           const Present& present) {
  if (changes.empty())
    return Applied{.sequence = 0,
                   .time = context.now,
                   .records = std::move(changes.unchanged),
                   .delta = nullptr,
                   .entry = {}};
  TRY(check(context, changes, present));
  graph::JournalEntry entry = graph::begin_entry(context, head_.sequence + 1, head_.hash);
  entry.replaced_schema = changes.replace_schema != nullptr;
  if (changes.replace_schema)
    schema_ = std::move(changes.replace_schema);
  entry.model = graph::model_hash(*schema_);

  Applied applied;
  std::vector<graph::Delta::Change> told;
  told.reserve(changes.changes.size());
  for (graph::Change& change : changes.changes) {
    told.push_back(apply_one(change, present, changes, entry));
    applied.records.push_back(told.back().after);
  }
  for (const graph::Claim& claim : changes.release)
    if (auto held = present.holder({claim.scope, claim.key});
        held && graph::same_holder(*held, claim))
      entry.released.push_back(*std::move(held));
  entry.taken = std::move(changes.take);
  // What erases alone has stamped no record, and happens now all the same.
  const bool stamped = std::any_of(told.begin(), told.end(), [](const graph::Delta::Change& one) {
    return static_cast<bool>(one.after);
  });
  entry.time = stamped ? head_.time : next_time();

  applied.entry = graph::encode_entry(entry);
  head_.kept_bytes += applied.entry.size() + entry.superseded_bytes;
  head_.sequence = entry.sequence;
  head_.hash = entry.hash;
  applied.sequence = entry.sequence;
  applied.time = entry.time;
  auto delta = graph::delta_without_changes(std::move(entry));
  delta->changes = std::move(told);
  applied.delta = std::move(delta);
  return applied;
}

} // namespace diffo::neo4j
