#include "neo4j/past.h"

#include "graph/entry_delta.h"
#include "neo4j/flight.h"
#include "neo4j/layout.h"

#include <algorithm>
#include <utility>

namespace diffo::neo4j {
namespace {

using bolt::List;
using bolt::Map;

Error unreadable() {
  return {ErrorCode::corrupt, "the database holds a version that cannot be read"};
}

Result<graph::Version> version_in(const bolt::Record& row, const graph::Schema& schema) {
  const std::int64_t* sequence = row["sequence"].get_if<std::int64_t>();
  if (sequence == nullptr)
    return unreadable();
  graph::Version version;
  version.sequence = static_cast<graph::Sequence>(*sequence);
  if (!row["record"].is_null())
    version.record = TRY(record_of(row["record"], schema.dictionary()));
  return version;
}

} // namespace

Result<std::vector<graph::Version>> versions_of(Database& database, const graph::Schema& schema,
                                                const graph::KeyView& key, graph::Sequence last,
                                                std::size_t limit) {
  Map parameters{{"key", key_text(key)},
                 {"last", static_cast<std::int64_t>(last)},
                 {"limit", static_cast<std::int64_t>(limit)}};
  // The newest first: what supersedes it meanwhile makes it a version, not the other way round.
  const auto results = TRY(database.read(
      {{"CYPHER 5 MATCH (n:DiffoRecord {key:$key}) WHERE n.record IS NOT NULL AND n.sequence <= "
        "$last RETURN n.sequence AS sequence, n.record AS record",
        parameters},
       {"CYPHER 5 MATCH (v:DiffoVersion {key:$key}) WHERE v.sequence <= $last RETURN v.sequence AS "
        "sequence, v.record AS record ORDER BY v.sequence DESC LIMIT $limit",
        parameters}}));
  std::vector<graph::Version> versions;
  for (const bolt::EagerResult& result : results)
    for (const bolt::Record& row : result.records) {
      graph::Version version = TRY(version_in(row, schema));
      if (versions.size() < limit &&
          (versions.empty() || version.sequence < versions.back().sequence))
        versions.push_back(std::move(version));
    }
  return versions;
}

Result<std::vector<graph::JournalEntry>> entries_of(Database& database, graph::Sequence from,
                                                    graph::Sequence upto, std::size_t limit) {
  std::vector<graph::JournalEntry> entries;
  if (limit == 0 || from > upto)
    return entries;
  const auto results = TRY(database.read(
      {{"CYPHER 5 MATCH (j:DiffoJournal) WHERE j.sequence >= $from AND j.sequence <= $upto RETURN "
        "j.body AS body ORDER BY j.sequence LIMIT $limit",
        Map{{"from", static_cast<std::int64_t>(from)},
            {"upto", static_cast<std::int64_t>(upto)},
            {"limit", static_cast<std::int64_t>(std::min<std::size_t>(limit, 100'000))}}}}));
  for (const bolt::Record& row : results.front().records) {
    const bolt::Bytes* body = row["body"].get_if<bolt::Bytes>();
    if (body == nullptr)
      return unreadable();
    entries.push_back(
        TRY(graph::decode_entry({reinterpret_cast<const char*>(body->data()), body->size()})));
  }
  return entries;
}

Result<std::vector<graph::DeltaRef>> deltas_of(Database& database, const graph::Schema& schema,
                                               std::vector<graph::JournalEntry> entries) {
  List asked;
  const auto ask = [&asked](const graph::Key& key, graph::Sequence sequence) {
    asked.emplace_back(
        Map{{"key", key_text(key)}, {"sequence", static_cast<std::int64_t>(sequence)}});
  };
  for (const graph::JournalEntry& entry : entries)
    for (const graph::JournalEntry::Change& change : entry.changes) {
      if (change.previous != 0)
        ask(change.key, change.previous);
      if (change.content)
        ask(change.key, entry.sequence);
    }
  std::map<std::pair<std::string, graph::Sequence>, graph::RecordRef> images;
  if (!asked.empty()) {
    const Map parameters{{"asked", bolt::Value(std::move(asked))}};
    const auto results = TRY(database.read(
        {{"CYPHER 5 UNWIND $asked AS a MATCH (n:DiffoRecord {key:a.key}) WHERE n.sequence = "
          "a.sequence RETURN n.key AS key, n.sequence AS sequence, n.record AS record",
          parameters},
         {"CYPHER 5 UNWIND $asked AS a MATCH (v:DiffoVersion {key:a.key, sequence:a.sequence}) "
          "RETURN v.key AS key, v.sequence AS sequence, v.record AS record",
          parameters}}));
    for (const bolt::EagerResult& result : results)
      for (const bolt::Record& row : result.records) {
        const graph::Version version = TRY(version_in(row, schema));
        if (const std::string* key = row["key"].get_if<std::string>(); key && version.record)
          images.insert_or_assign({*key, version.sequence}, version.record);
      }
  }
  const auto image = [&images](const graph::Key& key, graph::Sequence sequence) {
    const auto found = images.find({key_text(key), sequence});
    return found == images.end() ? graph::RecordRef() : found->second;
  };
  std::vector<graph::DeltaRef> deltas;
  for (graph::JournalEntry& entry : entries) {
    std::vector<graph::Delta::Change> changes;
    for (graph::JournalEntry::Change& change : entry.changes) {
      graph::Delta::Change told;
      if (change.previous != 0)
        told.before = image(change.key, change.previous);
      if (change.content)
        told.after = image(change.key, entry.sequence);
      if ((change.content && !told.after) || (change.previous != 0 && !told.before))
        return Error{ErrorCode::gone, "a version is not kept any more"};
      told.key = std::move(change.key);
      changes.push_back(std::move(told));
    }
    auto delta = graph::delta_without_changes(std::move(entry));
    delta->changes = std::move(changes);
    deltas.push_back(std::move(delta));
  }
  return deltas;
}

} // namespace diffo::neo4j
