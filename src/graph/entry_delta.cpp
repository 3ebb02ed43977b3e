#include "graph/entry_delta.h"

#include "base/sha256.h"

#include <utility>

namespace diffo::graph {

JournalEntry begin_entry(const Context& context, Sequence sequence, const Hash& parent) {
  JournalEntry entry;
  entry.sequence = sequence;
  entry.branch = context.principal.branch;
  entry.parent = parent;
  entry.tenant = context.principal.tenant;
  entry.actor = context.principal.actor;
  entry.cause = context.cause;
  entry.idempotency_key = context.idempotency_key;
  return entry;
}

std::shared_ptr<Delta> delta_without_changes(JournalEntry entry) {
  auto delta = std::make_shared<Delta>();
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
  return delta;
}

Hash model_hash(const Schema& schema) {
  return schema.description().empty() ? Hash{} : sha256(schema.description());
}

} // namespace diffo::graph
