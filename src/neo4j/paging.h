#pragma once

#include "graph/query.h"
#include "graph/schema.h"
#include "neo4j/layout.h"

#include <diffo/bolt.h>
#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// A query of the inventory in two steps: what the database is asked, and the page that is made of
/// its answers as of a revision, which the database may have left behind in the meantime. Between
/// the two stands one flight.
namespace diffo::neo4j {

/// A record as the database had it when it was read.
struct Row {
  std::string key; ///< key_text
  std::int64_t sequence = 0;
  graph::RecordRef record;
};

/// Reads a row with the columns `key`, `sequence` and `record`. Errors: corrupt; conflict for what
/// was erased while it was read.
Result<Row> read_row(const bolt::Record& row, const graph::Dictionary& dictionary);

/// What was changed since a revision: each key with its image at it (empty: was not there).
using Images = std::map<graph::Key, graph::RecordRef, std::less<>>;

/// Who chooses the page: the database wherever it can, or we, of all candidates.
enum class Choose : std::uint8_t { database, here };

/// What to ask for one query. A plain value.
struct QueryStatements {
  /// The database chooses: it gives the rows around the page, and counts. Else all candidates, one
  /// more than may be at most.
  bool pushed = false;
  std::vector<bolt::Statement> statements{};
  /// What the rows of the page refer to over edges of the kinds `$edges`: columns key and record.
  std::optional<bolt::Statement> targets{};

  /// Of pushed ones: as of which revision the database answers, and the changed records that belong
  /// to what is found, in the order of their keys. The database leaves them out.
  graph::Sequence revision = 0;
  std::vector<graph::Key> known{};
  std::uint64_t skipped = 0; ///< rows that it steps over
};

/// `changed`: what was changed since the revision, also by commits that are still under way;
/// `lists`: those that have words.
/// Errors: those of CompiledFilter.
Result<QueryStatements> statements_of(const graph::Query& query, const graph::Schema& schema,
                                      graph::Sequence revision, std::size_t most_candidates,
                                      const Images& changed, Choose choose = Choose::database,
                                      const ListIndexes& lists = {});

/// The page at the revision, which is that of the statements or a later one. `changed`: images at
/// it of all that was changed since the statements' revision, as of when the answers were there, on
/// its way or not; `as_asked`: their images at the statements' revision. Errors: conflict when what
/// is found was changed after the statements were made, so that nobody knows which of it the
/// database saw, and when the revision is an earlier one: ask again, at last while no commit may
/// begin; unsupported when the database could not tell the order: ask again with Choose::here;
/// too_large when there are more candidates; corrupt; those of CompiledFilter.
Result<graph::Page> page_from(const graph::Query& query, const graph::Schema& schema,
                              const QueryStatements& statements,
                              const std::vector<bolt::EagerResult>& answers, const Images& changed,
                              const Images& as_asked, graph::Sequence revision,
                              std::size_t most_candidates);

} // namespace diffo::neo4j
