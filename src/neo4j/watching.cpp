#include "neo4j/core.h"
#include "neo4j/layout.h"

#include <algorithm>
#include <utility>

/// What those who watch are told of what was committed before, and what becomes of those that the
/// retention does not keep.
namespace diffo::neo4j {

Result<std::unique_ptr<graph::Watch>> Neo4jStore::Core::watch(graph::Sequence from,
                                                              graph::Watchers::Enqueue enqueue) {
  constexpr std::size_t at_once = 256;
  return watchers_.watch(from, std::move(enqueue), [this](graph::Sequence next) {
    auto older = deltas(next, at_once);
    if (older && older->empty())
      older = Error{ErrorCode::gone, "entries of the journal are missing"};
    return older;
  });
}

Result<std::vector<graph::DeltaRef>> Neo4jStore::Core::deltas(graph::Sequence from,
                                                              std::size_t limit) {
  const Published newest = published();
  from = std::max<graph::Sequence>(from, 1);
  if (from > newest.sequence || limit == 0)
    return std::vector<graph::DeltaRef>();
  if (auto at_hand = recent_.from(from, newest.sequence)) {
    at_hand->resize(std::min(at_hand->size(), limit));
    return *std::move(at_hand);
  }
  if (const graph::Sequence first = oldest; from < first)
    return Error{ErrorCode::gone, "entries are missing: the journal is kept from entry " +
                                      std::to_string(first) + " on"};
  auto entries =
      TRY(entries_of(*database, from, newest.sequence, std::min<std::size_t>(limit, 256)));
  std::size_t changes = 0;
  const auto last = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
    changes += entry.changes.size();
    return changes >= most_delta_changes;
  });
  if (last != entries.end())
    entries.erase(last + 1, entries.end());
  return deltas_of(*database, *newest.schema, std::move(entries));
}

/// One bounded step of dropping what nobody asks to keep.
void Neo4jStore::Core::trim() {
  constexpr graph::Sequence every = 256;
  constexpr std::int64_t lapsed_for = 60'000'000;
  if (written_.sequence < trimmed_at_ + every)
    return;
  trimmed_at_ = written_.sequence;
  const std::int64_t now = options.clock->now().microseconds;
  const auto dropped = database->write(
      {{"CYPHER 5 MATCH (a:DiffoAnswer) WHERE a.time < $time WITH a LIMIT 1000 DELETE a",
        bolt::Map{{"time", now - answers_kept}}},
       {"CYPHER 5 MATCH (c:DiffoClaim) WHERE c.until > 0 AND c.until < $time WITH c LIMIT 1000 "
        "DELETE c",
        bolt::Map{{"time", now - lapsed_for}}}});
  if (!dropped && options.log != nullptr)
    options.log->warning("cannot drop what has lapsed", {{"reason", dropped.error().text()}});
  shorten_journal(now);
}

void Neo4jStore::Core::shorten_journal(std::int64_t now) {
  constexpr std::int64_t most = 512;
  const graph::Retention& keep = options.retention;
  const graph::Sequence newest = written_.sequence;
  const graph::Sequence upto = keep.max_entries != 0 && newest > keep.max_entries
                                   ? newest - keep.max_entries
                                   : graph::Sequence{0};
  const std::int64_t not_before = keep.max_age_microseconds == 0
                                      ? std::numeric_limits<std::int64_t>::min()
                                      : now - keep.max_age_microseconds;
  const auto is_too_much = [&keep](std::uint64_t bytes) {
    return keep.max_bytes != 0 && bytes > keep.max_bytes;
  };
  if (upto < oldest && keep.max_age_microseconds == 0 && !is_too_much(written_.kept_bytes))
    return;
  const auto entries = entries_of(*database, oldest, newest, most);
  if (!entries)
    return;
  bolt::List versions;
  graph::Sequence last = 0;
  std::uint64_t kept = written_.kept_bytes;
  for (const graph::JournalEntry& entry : *entries) {
    if ((entry.sequence > upto && entry.time > not_before && !is_too_much(kept)) ||
        entry.sequence >= newest)
      break;
    last = entry.sequence;
    graph::JournalEntry again = entry;
    kept -= std::min(kept, graph::encode_entry(again).size() + entry.superseded_bytes);
    for (const graph::JournalEntry::Change& change : entry.changes)
      versions.emplace_back(
          bolt::Map{{"key", key_text(change.key)},
                    {"sequence",
                     static_cast<std::int64_t>(change.content ? change.previous : entry.sequence)},
                    {"before", static_cast<std::int64_t>(change.previous)}});
  }
  if (last == 0)
    return;
  oldest = last + 1; // readers learn of it first
  const auto dropped = database->write(
      {{"CYPHER 5 MATCH (h:DiffoHead {id:'main'}) SET h.oldest = $oldest, h.kept = $kept",
        bolt::Map{{"oldest", static_cast<std::int64_t>(last + 1)},
                  {"kept", static_cast<std::int64_t>(kept)}}},
       {"CYPHER 5 UNWIND $rows AS r MATCH (v:DiffoVersion {key:r.key}) WHERE v.sequence = "
        "r.sequence OR v.sequence = r.before DELETE v",
        bolt::Map{{"rows", bolt::Value(std::move(versions))}}},
       {"CYPHER 5 MATCH (j:DiffoJournal) WHERE j.sequence <= $last DELETE j",
        bolt::Map{{"last", static_cast<std::int64_t>(last)}}}});
  if (!dropped && options.log != nullptr)
    options.log->warning("cannot shorten the journal", {{"reason", dropped.error().text()}});
  written_.kept_bytes = kept;
  tip_.reset(tip_.schema(), written_);
}

} // namespace diffo::neo4j
