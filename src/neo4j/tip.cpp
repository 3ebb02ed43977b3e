#include "neo4j/tip.h"

#include "base/sha256.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace diffo::neo4j {
namespace {

constexpr std::size_t most_changes = 20'000;

std::string text_of(const graph::KeyView& key) {
  return "record " + std::string(key.id);
}

bool same_holder(const graph::Claim& a, const graph::Claim& b) {
  return a.holder == b.holder && a.branch == b.branch;
}

Result<void> check_claims(const graph::ChangeSet& changes, std::int64_t now,
                          const Present& present) {
  std::map<graph::ClaimName, const graph::Claim*> taking;
  for (const graph::Claim& claim : changes.take) {
    if (graph::unit_of_scope(claim.scope) && !graph::number_of_key(claim.key))
      return Error{ErrorCode::invalid, "the values of a pool are whole numbers, not " + claim.key,
                   claim.scope};
    const graph::ClaimName name{claim.scope, claim.key};
    const auto held = present.holder(name);
    bool free = !held || same_holder(*held, claim) || !graph::holds(*held, now);
    for (const graph::Claim& given : changes.release)
      free = free ||
             (given.scope == claim.scope && given.key == claim.key && same_holder(given, *held));
    const auto [twice, first] = taking.emplace(name, &claim);
    if (free && (first || same_holder(*twice->second, claim)))
      continue;
    return Error{ErrorCode::conflict,
                 claim.scope + " " + claim.key + " is held by " +
                     (free ? twice->second->holder : held->holder),
                 claim.scope};
  }
  return {};
}

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
  if (changes.changes.size() > most_changes)
    return Error{ErrorCode::too_large, "one change set may change at most " +
                                           std::to_string(most_changes) + " records here"};
  if (changes.replace_schema &&
      !changes.replace_schema->dictionary().continues(schema_->dictionary()))
    return Error{ErrorCode::invalid, "the schema gives words other numbers than the present one"};
  const graph::Schema& schema = changes.replace_schema ? *changes.replace_schema : *schema_;
  std::set<graph::KeyView> seen;
  for (const graph::Change& change : changes.changes) {
    if (change.key.id.empty() || change.key.id.size() > max_id_bytes)
      return Error{ErrorCode::invalid, "an id has 1 to " + std::to_string(max_id_bytes) + " bytes",
                   "id"};
    // Whatever rule or surface let it pass: a foreign tenant's record is not found.
    if (change.key.tenant != context.principal.tenant)
      return Error{ErrorCode::not_found, text_of(change.key) + " does not exist"};
    if (schema.family(change.key.family) == nullptr)
      return Error{ErrorCode::internal,
                   "no family " + std::to_string(change.key.family) + " is declared"};
    if (!seen.insert(change.key).second)
      return Error{ErrorCode::internal, text_of(change.key) + " is changed twice at once"};
    if (change.after && change.after->key() != change.key)
      return Error{ErrorCode::internal, text_of(change.key) + " has another key inside"};
    if (!change.after && !present.find(change.key))
      return Error{ErrorCode::not_found, text_of(change.key) + " does not exist"};
  }
  return check_claims(changes, context.now, present);
}

graph::Delta::Change Tip::apply_one(graph::Change& change, const Present& present,
                                    bool keep_creation, graph::JournalEntry& entry) {
  const graph::RecordRef before = present.find(change.key);
  graph::JournalEntry::Change noted{
      .key = change.key, .previous = before ? before->sequence() : 0, .content = {}};
  if (before)
    entry.superseded_bytes += before->bytes().size();
  graph::RecordRef after = std::move(change.after);
  if (after) {
    const std::int64_t time = next_time();
    const std::int64_t brought = keep_creation ? after->created_at() : 0;
    const std::int64_t created = brought == 0 ? time : std::min(brought, time);
    graph::stamp(after, entry.sequence, before ? before->created_at() : created, time);
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
  graph::JournalEntry entry;
  entry.sequence = head_.sequence + 1;
  entry.branch = context.principal.branch;
  entry.parent = head_.hash;
  entry.tenant = context.principal.tenant;
  entry.actor = context.principal.actor;
  entry.cause = context.cause;
  entry.idempotency_key = context.idempotency_key;
  entry.replaced_schema = changes.replace_schema != nullptr;
  if (changes.replace_schema)
    schema_ = std::move(changes.replace_schema);
  entry.model = schema_->description().empty() ? graph::Hash{} : sha256(schema_->description());

  Applied applied;
  auto delta = std::make_shared<graph::Delta>();
  for (graph::Change& change : changes.changes) {
    delta->changes.push_back(apply_one(change, present, changes.keep_creation, entry));
    applied.records.push_back(delta->changes.back().after);
  }
  for (const graph::Claim& claim : changes.release)
    if (auto held = present.holder({claim.scope, claim.key}); held && same_holder(*held, claim))
      entry.released.push_back(*std::move(held));
  entry.taken = std::move(changes.take);
  entry.time = changes.changes.empty() ? next_time() : head_.time;

  applied.entry = graph::encode_entry(entry);
  head_.sequence = entry.sequence;
  head_.hash = entry.hash;
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
  delta->replaced_schema = entry.replaced_schema;
  applied.delta = std::move(delta);
  return applied;
}

} // namespace diffo::neo4j
