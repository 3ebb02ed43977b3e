#include "neo4j/kept_answer.h"

#include "neo4j/layout.h"

#include <utility>

namespace diffo::neo4j {

using bolt::List;
using bolt::Map;
using bolt::Value;

std::string answer_name(const graph::Context& context) {
  return std::to_string(context.principal.tenant) + '|' +
         claim_text(context.principal.actor, context.idempotency_key);
}

Map to_properties(const KeptAnswer& answer) {
  List records;
  records.reserve(answer.records.size());
  for (const graph::Key& key : answer.records)
    records.emplace_back(key_text(key));
  return {{"name", answer.name},
          {"fingerprint", hex_text(answer.fingerprint)},
          {"sequence", static_cast<std::int64_t>(answer.sequence)},
          {"time", answer.time},
          {"records", std::move(records)}};
}

Result<std::optional<KeptAnswer>> find_answer(Database& database, const std::string& name,
                                              std::int64_t after) {
  const auto results = TRY(database.read(
      {{"CYPHER 5 MATCH (a:DiffoAnswer {name:$name}) WHERE a.time > $after RETURN a.fingerprint AS "
        "fingerprint, a.sequence AS sequence, a.time AS time, a.records AS records",
        Map{{"name", name}, {"after", after}}}}));
  if (results.front().records.empty())
    return std::optional<KeptAnswer>();
  const bolt::Record& row = results.front().records.front();
  const std::string* fingerprint = row["fingerprint"].get_if<std::string>();
  const std::int64_t* sequence = row["sequence"].get_if<std::int64_t>();
  const std::int64_t* time = row["time"].get_if<std::int64_t>();
  const List* records = row["records"].get_if<List>();
  if (fingerprint == nullptr || sequence == nullptr || time == nullptr || records == nullptr)
    return Error{ErrorCode::corrupt, "a kept answer cannot be read"};
  KeptAnswer answer{.name = name,
                    .fingerprint = *fingerprint,
                    .sequence = static_cast<graph::Sequence>(*sequence),
                    .time = *time,
                    .records = {}};
  for (const Value& key : *records) {
    const std::string* text = key.get_if<std::string>();
    if (text == nullptr)
      return Error{ErrorCode::corrupt, "a kept answer cannot be read"};
    answer.records.push_back(TRY(read_key_text(*text)));
  }
  return std::optional(std::move(answer));
}

} // namespace diffo::neo4j
