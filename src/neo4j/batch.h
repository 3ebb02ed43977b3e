#pragma once

#include "graph/delta.h"
#include "graph/journal.h"
#include "graph/schema.h"
#include "neo4j/connection.h"
#include "neo4j/kept_answer.h"
#include "neo4j/layout.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diffo::neo4j {

/// Where the journal ends: what every commit expects to find and leaves behind.
struct Head {
  graph::Sequence sequence = 0;
  graph::Hash hash{};
  std::int64_t time = 0; ///< the greatest ever given
  std::int64_t epoch = 0;
  /// Of the entries that are kept and the versions they superseded.
  std::uint64_t kept_bytes = 0;
};

/// When sources saw records last: by the key of the record and the name of the source.
using Sightings = std::map<std::pair<std::string, std::string>, std::int64_t>;

/// Sightings and places of consumers that ride on a batch.
struct Aside {
  std::map<std::string, graph::Sequence> cursors;
  std::vector<std::string> forgotten_cursors;
  Sightings seen;
  /// On its way to the database with a batch, and still to be told of here.
  Sightings seen_under_way;
  [[nodiscard]] bool empty() const {
    return cursors.empty() && forgotten_cursors.empty() && seen.empty();
  }
};

/// Commits that go to the database together, as one transaction.
struct Batch {
  Head before;
  Head after;
  /// That of the head: one that is settled in vain goes on, so that what was sent before and is
  /// still on its way fails when it arrives.
  std::int64_t attempt = 0;
  std::vector<graph::DeltaRef> deltas; ///< in their order
  std::vector<std::string> entries;    ///< their encoded journal entries
  std::vector<KeptAnswer> answers;
  Aside aside;
  /// Set where a commit put another schema in place: all keys are made anew with it.
  std::shared_ptr<const graph::Schema> schema;
  std::vector<bolt::Map> new_keys; ///< {key, props} of records that the schema finds otherwise
  /// Those that it shows otherwise in the shared graph than the former one did.
  std::shared_ptr<const graph::Schema> former;
  std::vector<graph::RecordRef> shown_anew;

  [[nodiscard]] bool empty() const { return deltas.empty() && answers.empty() && aside.empty(); }
};

/// The statements of the batch, in their order: the first locks the head and fails with
/// `head_moved` where it is not as expected. `schema` is the one that holds then.
std::vector<bolt::Statement> statements_of(const Batch& batch, const graph::Schema& schema,
                                           const ListIndexes& lists);

/// Locks the head, and fails with `head_moved` where it is not that.
bolt::Statement unmoved_statement(const Head& head, std::int64_t attempt);

/// What a failure says when somebody else has written, or has taken over.
inline constexpr std::string_view head_moved = "diffo:head-moved";

/// The properties under which a record is found: each index with keys, as text or as list.
bolt::Map index_properties(const graph::Record& record, const graph::Schema& schema);
/// The bytes of a record as a property.
bolt::Value bytes_value(std::string_view bytes);

} // namespace diffo::neo4j
