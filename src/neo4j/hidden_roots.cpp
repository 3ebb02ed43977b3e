#include "neo4j/hidden_roots.h"

#include "neo4j/flight.h"
#include "neo4j/projection/shared_graph.h"
#include "neo4j/projection/statements.h"

#include <algorithm>
#include <cstdint>

namespace diffo::neo4j {
namespace {

constexpr std::int64_t roots_at_once = 200;

} // namespace

bool makes_way(const graph::Delta& delta, const graph::Schema& schema) {
  return std::any_of(delta.changes.begin(), delta.changes.end(),
                     [&schema](const graph::Delta::Change& change) {
                       const graph::FamilyDefinition* family = schema.family(change.key.family);
                       return change.before && family != nullptr && is_shared(*family) &&
                              (!change.after || !family->shared_unique.empty());
                     });
}

Result<std::int64_t> show_hidden_roots(Database& database, const graph::Schema& schema,
                                       const Head& head, std::int64_t attempt) {
  std::int64_t added = 0;
  for (std::string last;;) {
    const auto answers = TRY(database.read(
        {{"CYPHER 5 MATCH (d:DiffoRecord&DiffoHidden) WHERE d.record IS NOT NULL AND d.key > $last "
          "RETURN d.key AS key, d.record AS record ORDER BY d.key LIMIT $most",
          {{"last", last}, {"most", roots_at_once}}}}));
    std::vector<graph::Delta::Change> changes;
    for (const bolt::Record& row : answers.front().records) {
      last = TRY(text_in(row, "key"));
      graph::RecordRef record = TRY(record_of(row["record"], schema.dictionary()));
      const graph::Key key = record->key();
      changes.push_back({.key = key, .before = {}, .after = std::move(record)});
    }
    if (changes.empty())
      return added;
    std::vector<bolt::Statement> statements{unmoved_statement(head, attempt)};
    for (bolt::Statement& statement : projection_statements(changes, schema))
      statements.push_back(std::move(statement));
    const auto written = database.write(statements);
    if (!written)
      return error_of(written.error());
    added += sum_of("added", *written);
    if (static_cast<std::int64_t>(changes.size()) < roots_at_once)
      return added;
  }
}

bolt::Statement hidden_statement(const std::vector<std::string>& keys) {
  return {"CYPHER 5 UNWIND $keys AS key MATCH (d:DiffoRecord {key:key}) WHERE d:DiffoHidden RETURN "
          "key",
          {{"keys", bolt::List(keys.begin(), keys.end())}}};
}

Result<std::set<std::string>> hidden_keys(const bolt::EagerResult& answer) {
  std::set<std::string> keys;
  for (const bolt::Record& row : answer.records)
    keys.insert(TRY(text_in(row, "key")));
  return keys;
}

} // namespace diffo::neo4j
