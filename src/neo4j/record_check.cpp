#include "neo4j/record_check.h"

#include "neo4j/flight.h"
#include "neo4j/layout.h"
#include "neo4j/past.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace diffo::neo4j {
namespace {

/// What the newest entry that names a record says of it.
struct Told {
  graph::Sequence sequence = 0;
  std::optional<graph::Hash> content;
};
using ToldOfRecords = std::map<std::string, Told>;

Result<ToldOfRecords> follow_journal(Database& database, graph::Sequence oldest,
                                     graph::Sequence newest, const graph::FindingSink& sink) {
  constexpr std::size_t at_once = 1'000;
  ToldOfRecords told;
  std::optional<graph::Hash> parent;
  graph::Sequence next = oldest;
  while (next <= newest) {
    const auto entries = TRY(entries_of(database, next, newest, at_once));
    if (entries.empty())
      break;
    for (const graph::JournalEntry& entry : entries) {
      if (entry.sequence != next)
        sink({ErrorCode::corrupt, "entries of the journal are missing from " +
                                      std::to_string(next) + " to " +
                                      std::to_string(entry.sequence - 1)});
      else if (parent && entry.parent != *parent)
        sink({ErrorCode::corrupt, "entry " + std::to_string(entry.sequence) +
                                      " of the journal does not follow from the one before"});
      parent = entry.hash;
      next = entry.sequence + 1;
      for (const graph::JournalEntry::Change& change : entry.changes)
        told.insert_or_assign(key_text(change.key), Told{entry.sequence, change.content});
    }
  }
  if (next <= newest)
    sink({ErrorCode::corrupt, "the journal ends before entry " + std::to_string(next)});
  return told;
}

void compare(const std::string& key, const graph::Record& record, const ToldOfRecords& all,
             const graph::FindingSink& sink) {
  const auto told = all.find(key);
  if (told == all.end() || told->second.sequence < record.sequence())
    return; // of an entry that is not kept any more, or of one to come
  if (!told->second.content)
    sink({ErrorCode::corrupt, "a record that was erased is there", key});
  else if (told->second.sequence != record.sequence() ||
           *told->second.content != graph::content_hash(record.bytes()))
    sink({ErrorCode::corrupt,
          "a record is not what entry " + std::to_string(told->second.sequence) +
              " of the journal made it",
          key});
}

} // namespace

Result<void> check_records(Database& database, const graph::Schema& schema, graph::Sequence oldest,
                           graph::Sequence newest, const graph::FindingSink& sink) {
  constexpr std::int64_t at_once = 2'000;
  ToldOfRecords told = TRY(follow_journal(database, oldest, newest, sink));
  for (std::string last;;) {
    const auto results =
        TRY(database.read({{"CYPHER 5 MATCH (n:DiffoRecord) WHERE n.key > $last AND n.record IS "
                            "NOT NULL RETURN n.key "
                            "AS key, n.record AS record ORDER BY n.key LIMIT $limit",
                            bolt::Map{{"last", last}, {"limit", at_once}}}}));
    const auto& rows = results.front().records;
    for (const bolt::Record& row : rows) {
      last = TRY(text_in(row, "key"));
      if (const auto record = record_of(row["record"], schema.dictionary()); !record)
        sink({record.error().code, record.error().message, last});
      else if ((*record)->sequence() <= newest) {
        compare(last, **record, told, sink);
        told.erase(last);
      } else {
        told.erase(last);
      }
    }
    if (static_cast<std::int64_t>(rows.size()) < at_once)
      break;
  }
  for (const auto& [key, one] : told)
    if (one.content) {
      // Erased by a commit that came meanwhile, or lost.
      const auto versions = TRY(versions_of(database, schema, TRY(read_key_text(key)),
                                            std::numeric_limits<std::int64_t>::max(), 1));
      if (versions.empty() || versions.front().sequence <= newest)
        sink({ErrorCode::corrupt,
              "a record is missing that entry " + std::to_string(one.sequence) +
                  " of the journal wrote",
              key});
    }
  return {};
}

} // namespace diffo::neo4j
