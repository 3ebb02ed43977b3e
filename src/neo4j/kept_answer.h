#pragma once

#include "graph/change.h"
#include "neo4j/connection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diffo::neo4j {

/// How long the answer to an idempotency key is kept, in microseconds.
inline constexpr std::int64_t answers_kept = std::int64_t{24} * 60 * 60 * 1'000'000;

/// What a request with an idempotency key came to: enough to give the same answer again.
struct KeptAnswer {
  std::string name;             ///< answer_name()
  std::string fingerprint;      ///< of the request
  graph::Sequence sequence = 0; ///< at which the records show what was answered
  std::int64_t time = 0;
  std::vector<graph::Key> records;
};

/// Who gave the key, and which.
std::string answer_name(const graph::Context& context);
bolt::Map to_properties(const KeptAnswer& answer);
/// Nothing when there is none younger than `after`. Errors: those of the database; corrupt.
Result<std::optional<KeptAnswer>> find_answer(Database& database, const std::string& name,
                                              std::int64_t after);

} // namespace diffo::neo4j
